// A provider's sync as the faults need it: it goes on through errors and remembers what was acknowledged, and nothing else.
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const WORKERS = 4;
const STALLED_AFTER_MS = 45_000;

/** Answers {status, body}; status 0 when nothing answered: then nobody knows whether it was done. */
async function send({ base, token }, method, path, body) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' };
  try {
    const answer = await fetch(`${base}${path}`, { method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(10_000) });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
  } catch {
    return { status: 0, body: undefined };
  }
}

export async function createGroup(client) {
  const { status, body } = await send(client, 'POST', '/Groups', { schemas: [GROUP], displayName: 'Everybody' });
  if (status !== 201) throw new Error(`the group was not created: ${status}`);
  return body.id;
}

let serial = 0;

/** Creates users and adds each to the group, with several requests in flight, until `end()`. */
export function makeSync(client, group, kept) {
  let ending = false;
  let acknowledged = 0;
  const workers = Array.from({ length: WORKERS }, async () => {
    while (!ending) {
      if (!(await createMember())) await delay(50);
    }
  });

  async function createMember() {
    const userName = `person-${process.pid}-${(serial += 1)}`;
    const created = await send(client, 'POST', '/Users', { schemas: [USER], userName });
    if (created.status !== 201) return false;
    const { id } = created.body;
    kept.users.set(id, userName);
    const value = [{ value: id }];
    const added = await send(client, 'PATCH', `/Groups/${group}`, { schemas: [PATCH], Operations: [{ op: 'add', path: 'members', value }] });
    if (added.status < 200 || added.status > 299) return false;
    kept.members.add(id);
    acknowledged += 1;
    return true;
  }

  return {
    acknowledged: () => acknowledged,
    async until(condition) {
      const deadline = performance.now() + STALLED_AFTER_MS;
      while (!condition(acknowledged)) {
        if (performance.now() > deadline) throw new Error('the sync stalled');
        await delay(5);
      }
    },
    async end() {
      ending = true;
      await Promise.all(workers);
    },
  };
}

/** `lost`: acknowledged and not there any more. `orphans`: members that are no user. */
export async function checkKept(client, group, kept) {
  const lost = [];
  const ids = [...kept.users];
  for (let from = 0; from < ids.length; from += 20) {
    const found = await Promise.all(ids.slice(from, from + 20).map(([id]) => send(client, 'GET', `/Users/${id}`)));
    for (const [index, { status, body }] of found.entries()) {
      const [id, userName] = ids[from + index];
      if (status !== 200 || body.userName !== userName) lost.push(`user ${id} (${status})`);
    }
  }
  const { status, body } = await send(client, 'GET', `/Groups/${group}`);
  if (status !== 200) throw new Error(`the group answers ${status}`);
  const members = new Set((body.members ?? []).map(({ value }) => value));
  for (const id of kept.members) if (!members.has(id)) lost.push(`member ${id}`);
  // A user whose creation was not acknowledged is nobody's member: the PATCH names ids of acknowledged ones alone.
  const orphans = [...members].filter((id) => !kept.users.has(id));
  return { lost, orphans };
}
