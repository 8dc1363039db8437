/** What the tests of imports have in common: uploading a file, letting the worker go on, and reading what became of the lines. */
import { accountBehaviours } from '../../src/accounts/behaviours.ts';
import { continueImports } from '../../src/accounts/import-run.ts';
import type { Surroundings } from '../../src/accounts/system.ts';
import { createLog } from '../../src/log.ts';
import type { World } from './world.ts';

export const surroundings = ({ store, registry, config, clock }: World): Surroundings =>
  ({ store, registry, config, behaviours: accountBehaviours, now: () => clock.now, log: createLog({ level: 'silent' }) });

export function importsOf(world: World, token = world.manager) {
  const upload = async (file: string | Buffer, query = '', headers: Record<string, string> = {}) => {
    const { statusCode: status, headers: told, body: text } = await world.app.inject({
      method: 'POST', url: `/api/v1/imports?${query}`, headers: { 'authorization': `Bearer ${token}`, 'content-type': 'text/csv', ...headers }, payload: file,
    });
    return { status, headers: told, text, body: JSON.parse(text) };
  };
  const work = () => continueImports(surroundings(world));
  const call = (method: string, path: string, body?: Parameters<World['api']>[2]) => world.api(method, `/imports${path}`, body, { token });
  const get = async (id: string) => (await call('GET', `/${id}`)).body;
  const lines = async (id: string, query = '') => (await call('GET', `/${id}/lines?${query}`)).body.lines;
  /** @returns the import with the report of its lines */
  const checked = async (file: string | Buffer, query = '') => {
    const made = await upload(file, query);
    if (made.status !== 201) throw new Error(made.text);
    await work();
    return { ...(await get(made.body.id)), report: await lines(made.body.id) };
  };
  /** @returns the import when its run is over, with what has become of its lines */
  const ran = async (file: string | Buffer, query = '') => {
    const { id, state, problems } = await checked(file, query);
    const begun = await call('POST', `/${id}/run`);
    if (begun.status !== 200) throw new Error(`${state} ${problems} ${begun.text}`);
    await work();
    return { ...(await get(id)), report: await lines(id) };
  };
  return { upload, work, call, get, lines, checked, ran };
}
