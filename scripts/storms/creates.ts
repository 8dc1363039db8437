/** S2u, L1: fifty creates of one address at once, through two servers. One person comes of it, with one mail and one link. */
import { openPlace, personBody, type Place, type Storm } from './place.ts';
import { tally } from './report.ts';
import { ask, send } from './send.ts';

const CREATES = 50;

export const creates: Storm = async (parts) => {
  const rounds = parts.short ? 10 : 100;
  const place = await openPlace(parts.mongod, 'creates', 2);
  const made: number[] = [];
  const refused: number[] = [];
  const found: string[] = [];
  try {
    const token = await place.client(place.tenant, 'inviting', { signInMethod: 'invite' });
    for (let round = 0; round < rounds; round++) {
      const address = `created-${round}@people.example`;
      const create = (at: number) => send(place.origin(at), 'POST', '/scim/v2/Users', bodyOf(address, at), { token });
      const answers = await Promise.all(Array.from({ length: CREATES }, (_, at) => create(at)));
      made.push(answers.filter(({ status }) => status === 201).length);
      refused.push(...answers.map(({ status }) => status).filter((status) => status !== 201));
      found.push(await countsOf(place, address, token));
    }
  } finally {
    await place.close();
  }
  parts.report.note(`${rounds} addresses, ${CREATES} creates at once of each; refused: ${tally(refused)}`);
  parts.report.check(made.every((count) => count === 1), `each address was created once: successes for an address ${tally(made)}`);
  const isTold = refused.every((status) => status === 409 || status === 503);
  parts.report.check(isTold, 'every other create is told that it is taken, or that the server is busy');
  parts.report.check(found.every((counts) => counts === '1 people, 1 mails, 1 links'), `what came of an address: ${tally(found)}`);
};

/** Half of them under one user name, in other letters; half under one each. */
const bodyOf = (address: string, at: number) => {
  const written = at % 3 === 0 ? address.toUpperCase() : address;
  return at % 4 < 2 ? personBody(written) : personBody(written, { userName: `name-${at}-${address}` });
};

interface Found {
  readonly totalResults: number;
  readonly Resources?: readonly { readonly id: string }[];
}

async function countsOf({ origin, store, tenant }: Place, address: string, token: string): Promise<string> {
  const filter = encodeURIComponent(`emails.value eq "${address}" or userName eq "${address}"`);
  const { totalResults, Resources = [] } = await ask(origin(0), 'GET', `/scim/v2/Users?filter=${filter}`, undefined, { token }) as Found;
  // In whatever letters it was written.
  const to = { $regex: `^${address.replaceAll('.', '\\.')}$`, $options: 'i' };
  const mails = await store.collections.outbox.countDocuments({ t: tenant, 'to.address': to });
  const links = await store.collections.links.countDocuments({ t: tenant, person: { $in: Resources.map(({ id }) => id) } });
  return `${totalResults} people, ${mails} mails, ${links} links`;
}
