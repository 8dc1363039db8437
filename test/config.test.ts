import t from 'tap';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadConfig, SETTINGS } from '../src/config.ts';
import { StartError } from '../src/errors.ts';

const SECRET = 'x'.repeat(32);
function faultsOf(env: Record<string, string>): string[] {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return error.message.split('\n');
  }
}

t.test('nothing set: the defaults', (t) => {
  const config = loadConfig({});
  t.equal(config.publicUrl, 'http://127.0.0.1:8080');
  t.equal(config.dataDir, resolve('data'));
  t.same(config.mailFrom, { name: 'Rollcall', address: 'rollcall@localhost' });
  t.same(
    [config.port, config.host, config.role, config.logLevel, config.trustProxy, config.mongodbUri, config.smtpUrl, config.bootstrapToken],
    [8080, '127.0.0.1', 'all', 'info', false, undefined, undefined, undefined],
  );
  t.same(config.secretKeys, []);
  t.ok(Object.isFrozen(config) && Object.isFrozen(config.limits));
  t.end();
});

t.test('an empty value is an absent one', (t) => {
  t.same(loadConfig({ PORT: '', SECRET_KEY: '', SECRET_KEY_FILE: '', PUBLIC_URL: ' ' }), loadConfig({}));
  t.end();
});

t.test('PUBLIC_URL follows HOST and PORT unless it is set', (t) => {
  const rows: [Record<string, string>, string][] = [
    [{ HOST: '0.0.0.0', PORT: '81' }, 'http://localhost:81'],
    [{ HOST: '::', PORT: '81' }, 'http://localhost:81'],
    [{ HOST: '::1' }, 'http://[::1]:8080'],
    [{ PUBLIC_URL: 'https://Example.com' }, 'https://example.com'],
    [{ PUBLIC_URL: 'https://example.com/rollcall//' }, 'https://example.com/rollcall'],
  ];
  for (const [env, expected] of rows) t.equal(loadConfig(env).publicUrl, expected);
  t.end();
});

t.test('values that mean something', (t) => {
  t.same(loadConfig({ SECRET_KEY: `${SECRET}1, ${SECRET}2` }).secretKeys, [`${SECRET}1`, `${SECRET}2`]);
  t.same(loadConfig({ TRUST_PROXY: '10.0.0.0/8, ::1' }).trustProxy, ['10.0.0.0/8', '::1']);
  t.equal(loadConfig({ TRUST_PROXY: '2' }).trustProxy, 2);
  t.equal(loadConfig({ TRUST_PROXY: 'true' }).trustProxy, true);
  t.same(loadConfig({ MAIL_FROM: 'a@b.example' }).mailFrom, { name: '', address: 'a@b.example' });
  t.same(loadConfig({ MAIL_FROM: '"Post Room" <a@b.example>' }).mailFrom, { name: 'Post Room', address: 'a@b.example' });
  t.equal(loadConfig({ ROLLCALL_ROLE: 'worker' }).role, 'worker');
  t.end();
});

const WRONG: [string, string][] = [
  ['PORT', '0'], ['PORT', '65536'], ['PORT', '80a'], ['PORT', '-1'],
  ['HOST', 'http://x'], ['HOST', 'a b'], ['HOST', '127.0.0.1:80'],
  ['PUBLIC_URL', 'example.com'], ['PUBLIC_URL', 'ftp://example.com'], ['PUBLIC_URL', 'https://u:p@example.com'], ['PUBLIC_URL', 'https://e.com/?a=1'],
  ['MONGODB_URI', 'localhost:27017'], ['MONGODB_URI', 'mongodb://'],
  ['SMTP_URL', 'mail.example.com'], ['SMTP_URL', 'http://mail'],
  ['MAIL_FROM', 'nobody'], ['MAIL_FROM', 'a@b.c, d@e.f'], ['MAIL_FROM', 'A <a@b.c'],
  ['LOG_LEVEL', 'INFO'], ['ROLLCALL_ROLE', 'web'],
  ['TRUST_PROXY', 'yes'], ['TRUST_PROXY', '10.0.0.0/33'], ['TRUST_PROXY', '0'],
  ['SECRET_KEY', 'x'.repeat(31)], ['SECRET_KEY', `${SECRET},short`],
  ['ROLLCALL_TOKEN', 'x'.repeat(31)], ['ROLLCALL_TOKEN', `${SECRET} ${SECRET}`],
];
for (const [name, value] of WRONG) {
  t.test(`${name}=${value} is told in a sentence that does not repeat it`, (t) => {
    const faults = faultsOf({ [name]: value });
    t.equal(faults.length, 1);
    t.match(faults[0], new RegExp(`^${name} (must|is) .+\\.$`));
    if (value.length > 20) t.notOk(faults[0]?.includes(value));
    t.end();
  });
}

t.test('every fault is told at once', (t) => {
  t.equal(faultsOf({ PORT: 'x', LOG_LEVEL: 'x', ROLLCALL_ROLL: 'all', ROLLCALL_ROLE_FILE: '/x' }).length, 4);
  t.end();
});

t.test('a secret comes from a file as well, and from one place alone', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-config-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'secret');
  writeFileSync(file, `${SECRET}\n`);
  for (const { name } of SETTINGS.filter(({ secret }) => secret)) {
    t.equal(faultsOf({ [`${name}_FILE`]: '/nowhere/at/all' }).length, 1, `${name}_FILE that is not there`);
    t.match(faultsOf({ [name]: SECRET, [`${name}_FILE`]: file })[0], `set either ${name} or ${name}_FILE`);
  }
  t.equal(loadConfig({ ROLLCALL_TOKEN_FILE: file }).bootstrapToken, SECRET);
  t.same(loadConfig({ SECRET_KEY_FILE: file }).secretKeys, [SECRET]);
  writeFileSync(file, '\n');
  t.match(faultsOf({ ROLLCALL_TOKEN_FILE: file })[0], 'holds nothing');
  t.end();
});
