import t from 'tap';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DockerfileParser } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { parse } from 'yaml';

// No container engine runs where the tests run; a linter and the rules below stand in for it.
const root = join(import.meta.dirname, '..');
const read = (name: string) => readFileSync(join(root, name), 'utf8');

interface Service {
  image?: string;
  build?: unknown;
  user?: string;
  privileged?: boolean;
  healthcheck?: { test?: string[] };
  depends_on?: Record<string, { condition?: string }>;
  environment?: Record<string, string>;
  secrets?: string[];
  volumes?: string[];
  networks?: string[];
  command?: string[];
}
interface Compose {
  services: Record<string, Service>;
  networks: Record<string, unknown>;
  volumes: Record<string, unknown>;
  secrets: Record<string, { file?: string }>;
}

t.test('the Dockerfile passes the linter, and the linter would have said', (t) => {
  t.same(validate(read('Dockerfile')), []);
  t.ok(validate('FROM node:24-slim\nWORKDIR app\nCPOY . .\n').length > 0);
  t.end();
});

t.test('the image runs as another user than root, from pinned bases, and hears SIGTERM', (t) => {
  const instructions = DockerfileParser.parse(read('Dockerfile')).getInstructions();
  const of = (keyword: string) =>
    instructions.filter((one) => one.getKeyword() === keyword).map((one) => one.getRawArgumentsContent() ?? '');
  for (const base of of('FROM')) t.match(base, /^[\w./-]+:\d[\w.-]*( AS \w+)?$/);
  t.equal(of('USER').at(-1), 'node');
  t.match(of('HEALTHCHECK').at(-1) ?? '', /livez/);
  t.same(of('CMD'), ['["node", "dist/main.js"]']);
  const installs = of('RUN').filter((command) => /npm (ci|install|prune)/.test(command));
  t.ok(installs.length > 0 && installs.every((command) => command.includes('--ignore-scripts')));
  t.end();
});

t.test('what the Dockerfile copies exists and is sent to the builder', (t) => {
  const ignore = read('.dockerignore').split('\n');
  t.ok(ignore.includes('*'));
  const copied = DockerfileParser.parse(read('Dockerfile')).getCOPYs().filter((copy) => copy.getFromFlag() === null);
  t.ok(copied.length > 0);
  for (const source of copied.flatMap((copy) => copy.getArguments().slice(0, -1).map((argument) => argument.getValue()))) {
    t.ok(ignore.includes(`!${source.replace(/^\.\//, '')}`), source);
  }
  t.end();
});

t.test('the services of compose.yaml are pinned, checked, unprivileged, and start in order', (t) => {
  const compose = parse(read('compose.yaml'), { strict: true, uniqueKeys: true }) as Compose;
  t.same(Object.keys(compose.services).sort(), ['mongo', 'rollcall']);
  for (const [name, service] of Object.entries(compose.services)) {
    t.ok(service.build !== undefined || /^[\w./-]+:\d[\w.-]*$/.test(service.image ?? ''), `${name}: a version, and not latest`);
    t.ok(service.user !== undefined && !/^(root|0)(:|$)/.test(service.user), `${name}: a user that is not root`);
    t.ok(service.privileged !== true, `${name}: not privileged`);
    t.ok((service.healthcheck?.test ?? []).length > 1, `${name}: a health check`);
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      t.ok(compose.services[other] !== undefined && condition === 'service_healthy', `${name} waits until ${other} is healthy`);
    }
    for (const network of service.networks ?? []) t.ok(network in compose.networks, `${name}: network ${network}`);
    for (const volume of service.volumes ?? []) t.ok((volume.split(':')[0] ?? '') in compose.volumes, `${name}: volume ${volume}`);
    for (const secret of service.secrets ?? []) t.ok(compose.secrets[secret]?.file !== undefined, `${name}: secret ${secret}`);
    for (const [setting, value] of Object.entries(service.environment ?? {})) {
      const secret = /^\/run\/secrets\/(.+)$/.exec(value)?.[1];
      t.equal(setting.endsWith('_FILE'), secret !== undefined, `${setting} is a file exactly if it is a secret`);
      t.ok(secret === undefined || service.secrets?.includes(secret), `${setting}: the service is given the secret`);
    }
  }
  t.end();
});

t.test('the database is a replica set under the name that MONGODB_URI asks for', (t) => {
  const { services } = parse(read('compose.yaml')) as Compose;
  const uri = new URL(services.rollcall?.environment?.MONGODB_URI ?? '');
  const set = uri.searchParams.get('replicaSet') ?? '';
  t.equal(uri.hostname, 'mongo');
  t.match(services.mongo?.command?.join(' '), `--replSet ${set}`);
  t.match(services.mongo?.healthcheck?.test?.join(' '), `_id: '${set}', members: [{ _id: 0, host: '${uri.host}' }]`);
  t.ok(services.rollcall?.depends_on?.mongo !== undefined);
  t.end();
});
