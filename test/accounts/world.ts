/** An application with people in it: somebody who manages them over the API, their browsers, their mail, and everything that is stored of them. */
import type { Test } from 'tap';
import type { Config } from '../../src/config.ts';
import type { POLICY } from '../../src/policy.ts';
import type { Json } from '../../src/scim/json.ts';
import { changePolicy } from '../../src/tenancy/tenants.ts';
import { startApp, unique, userBody, type Parts } from '../helpers/app.ts';
import { openUnwatched } from '../helpers/store.ts';
import { Browser } from './browser.ts';

export const ACCOUNT = 'urn:ietf:params:scim:schemas:extension:rollcallAccount:2.0:User';
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
/** Breaks no rule of the default policy. */
export const PASSWORD = 'correct horse battery';
export const OTHER_PASSWORD = 'a red kite over the lake';

export interface Somebody {
  readonly id: string;
  readonly address: string;
}

export interface CallAs {
  readonly cookie?: string;
  readonly token?: string | undefined;
  /** The address that the request comes from: a new one unless given, so that no throttle counts it. */
  readonly from?: string;
}

let addresses = 0;
const newAddress = () => `10.${(++addresses >> 8) & 255}.${addresses & 255}.1`;

export async function startWorld(t: Test, file: string, overrides: Partial<Config> = {}, parts: Parts = {}) {
  const app = await startApp(t, file, overrides, parts);
  const { store, clock, tenants, call } = app;
  // MongoDB takes away sessions that are over by its own clock, which a test cannot set.
  clock.now = new Date('2030-01-07T09:00:00.000Z');
  const database = await openUnwatched(t, store);
  const manager = (await app.makeClient(tenants.own, { scopes: ['*', 'users.manage'], shows: [ACCOUNT], settings: { signInMethod: 'none' } })).token;
  const as = { token: manager };

  const advance = (ms: number) => {
    clock.now = new Date(clock.now.getTime() + ms);
  };
  const api = async (method: string, path: string, body?: Json, { cookie, token = manager, from = newAddress() }: CallAs = {}) => {
    const { statusCode: status, headers, body: text } = await app.app.inject({
      method: method as 'GET', url: `/api/v1${path}`, remoteAddress: from,
      headers: { ...(token === '' ? {} : { authorization: `Bearer ${token}` }), ...(cookie === undefined ? {} : { cookie }), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    return { status, headers, text, body: text === '' ? undefined : JSON.parse(text) };
  };
  const somebody = async (attributes: Record<string, Json> = {}, token = manager): Promise<Somebody> => {
    const address = `${unique('p')}@people.example`;
    const made = await call('POST', '/Users', userBody({ userName: address, emails: [{ value: address, type: 'work', primary: true }], ...attributes }), { token });
    if (made.status !== 201) throw new Error(made.text);
    return { id: made.body.id, address };
  };
  const get = async (id: string) => (await call('GET', `/Users/${id}`, undefined, as)).body;
  const mailsTo = async (person: Somebody) => database.collection('outbox').find({ person: person.id }).sort({ created: 1, _id: 1 }).toArray();
  const signIn = async (name: string, password: string, options: CallAs = {}) => api('POST', '/sign-in', { name, password, tenant: 'default' }, { token: '', ...options });

  return {
    ...app, database, manager, as, advance, api, somebody, get, mailsTo, signIn,
    /** Somebody with a password, set by a client that may: no mail, no link. */
    active: (attributes: Record<string, Json> = {}) => somebody({ password: PASSWORD, ...attributes }),
    invited: async (attributes: Record<string, Json> = {}) => {
      const person = await somebody(attributes);
      const answer = await api('POST', `/users/${person.id}/invitation`, {});
      if (answer.status !== 204) throw new Error(answer.text);
      return { ...person, token: await lastToken(person) };
    },
    lastToken,
    account: async (id: string) => (await get(id))[ACCOUNT],
    status: async (id: string) => {
      // Nobody who guesses waits for the lock.
      await store.settled();
      return (await get(id))[ACCOUNT]?.status;
    },
    /** What is stored of the login, past all that reads it. */
    credential: (id: string) => database.collection<{ _id: string; hash?: string; failures?: number; epoch?: number }>('credentials').findOne({ _id: id }),
    links: (id: string) => database.collection('links').find({ person: id }).toArray(),
    audit: async (id: string, action: string) => database.collection('audit').countDocuments({ 'on.id': id, action }),
    /** @returns the cookie to send. @throws where the sign-in is refused or asks for a step */
    session: async (person: Somebody, password = PASSWORD) => {
      const answer = await signIn(person.address, password);
      if (answer.body.next !== 'none') throw new Error(answer.text);
      return cookieOf(answer.headers);
    },
    sessionLives: async (cookie: string) => (await api('GET', '/sessions', undefined, { token: '', cookie })).status === 200,
    choose: (token: string, password: string) => api('POST', '/password', { token, password }, { token: '' }),
    wrong: async (person: Somebody, times: number) => {
      for (let time = 0; time < times; time++) await signIn(person.address, `wrong guess ${time}`);
      await store.settled();
    },
    recover: async (name: Json) => {
      const answer = await api('POST', '/recover', { name, tenant: 'default' }, { token: '' });
      await store.settled();
      return answer;
    },
    policy: (change: Partial<Record<keyof typeof POLICY, unknown>>) => changePolicy({ store, now: () => clock.now, by: { kind: 'system', id: 'test' }, may: undefined, request: '', from: undefined, changed: () => undefined }, tenants.own, change),
    browser: (from?: string) => new Browser(app.app, from ?? newAddress()),
    /** Every document of the database but what is noted of requests in the background, to say that nothing has changed. */
    everything: async () => {
      const names = (await database.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name).filter((name) => !name.startsWith('system.') && !['provisioning', 'traces', 'tokens'].includes(name));
      const found = await Promise.all(names.sort().map(async (name) => [name, await database.collection(name).find().sort({ _id: 1 }).toArray()] as const));
      return Object.fromEntries(found);
    },
  };

  async function lastToken(person: Somebody): Promise<string> {
    const mail = (await mailsTo(person)).at(-1);
    const token = tokenIn(String(mail?.['text']));
    if (token === undefined) throw new Error(`no link in the last mail: ${JSON.stringify(mail)}`);
    return token;
  }
}

export type World = Awaited<ReturnType<typeof startWorld>>;

export const tokenIn = (text: string) => /[?&]token=([\w-]{43})(?![\w-])/.exec(text)?.[1];
export const cookieOf = (headers: Readonly<Record<string, unknown>>) => String(headers['set-cookie']).split(';')[0] ?? '';
/** Another token than the one given, by one character. */
export const near = (token: string) => `${token.startsWith('A') ? 'B' : 'A'}${token.slice(1)}`;
