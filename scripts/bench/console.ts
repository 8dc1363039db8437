/** The console's list of users against the same list over SCIM, taking turns in one run on one server: the time until the first byte. Bound: three times. */
import { request } from 'node:http';
import { setAdministrator } from '../../src/accounts/administrators.ts';
import { SCHEMA } from '../../src/scim/urns.ts';
import type { Crowd } from './crowd.ts';
import { median } from './harness.ts';

const ROUNDS = 60;
const PAGE = 50;
const PASSWORD = 'correct horse battery';

/** The same people, as both are asked for them; SCIM for one attribute with an index, in its order: names and addresses in one filter are more than it does in 2 s. */
const LISTS: Readonly<Record<string, { readonly console: string; readonly scim: Readonly<Record<string, string>> }>> = {
  'as it opens': { console: '', scim: { sortBy: 'name.familyName' } },
  'a family name': { console: 'search=bakker', scim: { filter: 'name.familyName sw "bakker"', sortBy: 'name.familyName' } },
  'a rare name': { console: 'search=zonzonzon', scim: { filter: 'name.familyName sw "zonzonzon"', sortBy: 'name.familyName' } },
  'an address': { console: 'search=jan.berg.1', scim: { filter: 'userName sw "jan.berg.1"', sortBy: 'userName' } },
};

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly cookies: readonly string[];
  /** Milliseconds. */
  readonly firstByte: number;
}

export async function consoleList({ serve, context, people }: Crowd): Promise<void> {
  const { origin, token } = await serve();
  const ask = (method: string, path: string, headers: Readonly<Record<string, string>>, body?: string) => send(`${origin}${path}`, method, headers, body);
  const bearer = { authorization: `Bearer ${token}` };
  const name = `bench-${Date.now()}@people.example`;
  const made = await ask('POST', '/scim/v2/Users', { ...bearer, 'content-type': 'application/scim+json' }, JSON.stringify({ schemas: [SCHEMA.user], userName: name, password: PASSWORD, emails: [{ value: name }] }));
  const { id } = JSON.parse(made.text) as { readonly id: string };
  await setAdministrator(context, id, true);
  const cookie = await signIn(ask, origin, name);
  for (const [what, { console: query, scim }] of Object.entries(LISTS)) {
    const times = { console: [] as number[], scim: [] as number[] };
    let weight = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const page = await ask('GET', `/console/users${query === '' ? '' : `?${query}`}`, { cookie });
      const list = await ask('GET', `/scim/v2/Users?${new URLSearchParams({ ...scim, count: String(PAGE) }).toString()}`, bearer);
      if (page.status !== 200 || list.status !== 200) throw new Error(`${what}: ${page.status} and ${list.status} ${list.text.slice(0, 200)}`);
      times.console.push(page.firstByte);
      times.scim.push(list.firstByte);
      weight = Math.max(weight, Buffer.byteLength(page.text));
    }
    const ratio = median(times.console) / median(times.scim);
    console.log(`users among ${people}, ${what}, median of ${ROUNDS} to the first byte: console ${median(times.console).toFixed(1)} ms, SCIM ${median(times.scim).toFixed(1)} ms, ratio ${ratio.toFixed(2)}; the page weighs ${(weight / 1000).toFixed(0)} kB ${ratio >= 3 ? 'MORE THAN 3 TIMES' : ''}`);
  }
}

async function signIn(ask: (method: string, path: string, headers: Readonly<Record<string, string>>, body?: string) => Promise<Answer>, origin: string, name: string): Promise<string> {
  const cookiesOf = ({ cookies }: Answer) => cookies.map((one) => one.split(';')[0] ?? '');
  const opened = cookiesOf(await ask('GET', '/sign-in', {}));
  const csrf = opened.find((one) => one.startsWith('csrf='))?.slice('csrf='.length) ?? '';
  const answer = await ask('POST', '/sign-in', { cookie: opened.join('; '), origin, 'content-type': 'application/x-www-form-urlencoded' }, new URLSearchParams({ csrf, name, password: PASSWORD }).toString());
  if (answer.status !== 303) throw new Error(`sign-in: ${answer.status}`);
  return [...opened, ...cookiesOf(answer)].join('; ');
}

function send(url: string, method: string, headers: Readonly<Record<string, string>>, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const sent = request(url, { method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      let firstByte = 0;
      answer.on('data', (chunk: Buffer) => {
        if (chunks.length === 0) firstByte = performance.now() - began;
        chunks.push(chunk);
      });
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8'), cookies: answer.headers['set-cookie'] ?? [], firstByte }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
