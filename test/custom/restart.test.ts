/** The process with the folder of the guide in SCHEMAS_DIR: its data outlives a restart, and a wrong folder stops the start. */
import t from 'tap';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataDirectory, failToStart, startServer, type Started } from '../helpers/start-server.ts';
import { deviceBody, FOLDER } from './device.ts';

const TOKEN = 'a-token-that-these-tests-know-0123456789';
const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/scim+json' };

t.test('a restart with the same folder keeps the resources of its types', async (t) => {
  const dataDir = await dataDirectory(t);
  const env = { SCHEMAS_DIR: FOLDER, ROLLCALL_TOKEN: TOKEN };
  const first = await startServer(t, { dataDir, env });
  const made = await fetch(`${first.base}/Devices`, { method: 'POST', headers, body: JSON.stringify(deviceBody({ assetTag: 'Kept' })) });
  t.equal(made.status, 201, await made.clone().text());
  const { id } = (await made.json()) as { id: string };
  t.equal((await first.stop()).code, 0);

  const second = await startServer(t, { dataDir, env });
  t.equal(await found(second, 'kept'), id);
  t.equal((await fetch(`${second.base}/Devices`, { method: 'POST', headers, body: JSON.stringify(deviceBody({ assetTag: 'KEPT' })) })).status, 409, 'still unique');
  t.equal((await second.stop()).code, 0);
});

async function found({ base }: Started, assetTag: string): Promise<string | undefined> {
  const answer = await fetch(`${base}/Devices?filter=${encodeURIComponent(`assetTag eq "${assetTag}"`)}`, { headers });
  return ((await answer.json()) as { Resources: { id: string }[] }).Resources[0]?.id;
}

t.test('a wrong file is told in one sentence, and the process ends with 1', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-custom-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'storage.json'), '{ "Device": { "colection": "devices" } }');
  const { code, stderr } = await failToStart({ dataDir: await dataDirectory(t), env: { SCHEMAS_DIR: folder } });
  t.equal(code, 1);
  t.match(stderr, join(folder, 'storage.json'));
  t.match(stderr, '/Device');
  t.notMatch(stderr, /\n {4}at /, 'no stack');
});
