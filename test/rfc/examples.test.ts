/**
 * The examples of RFC 7644 and RFC 9865, as data: what is asked, and the answer as it is printed. Each runs in a tenant of its own.
 *
 * `{name}` stands for an id, a cursor or a tag: what was made under that name, or what an answer had in its place first. Instants, versions
 * and locations are ours; `detail` is free text. What an answer has beyond the printed one must be in BEYOND. A `note` says where and why
 * an example departs from what is printed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { isArray, isObject, type Json, type JsonObject } from '../../src/scim/json.ts';
import { startApp, unique } from '../helpers/app.ts';

interface Example {
  readonly name: string;
  readonly note?: string;
  /** What is there before, by name. */
  readonly given?: Readonly<Record<string, { readonly path: string; readonly body: Json }>>;
  /** The person for whom the client acts, where it does for one. */
  readonly actingAs?: string;
  readonly steps: readonly {
    readonly request: { readonly method: string; readonly path: string; readonly headers?: Record<string, string>; readonly body?: Json };
    readonly response: { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: Json };
  }[];
}

/** Ours, whatever is printed: each must be text. */
const OWN: ReadonlySet<string> = new Set(['created', 'lastModified', 'version', 'location', '$ref', 'etag', 'detail']);
/** The default of `active`, and what the RFC leaves out of some of its figures. */
const BEYOND: ReadonlySet<string> = new Set(['active', 'schemas', 'id', 'meta', 'itemsPerPage', 'startIndex', 'groups']);

const app = await startApp(t, import.meta.url);
const folder = new URL('examples/', import.meta.url);

for (const file of readdirSync(folder).sort()) {
  const { source, examples } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { source: string; examples: readonly Example[] };
  for (const example of examples) t.test(`${source}: ${example.name}`, async (t) => run(t, example));
}

async function run(t: Test, { given = {}, actingAs, steps }: Example): Promise<void> {
  const names = new Map<string, string>();
  const tenant = unique('example');
  await app.store.collections.tenants.insertOne({ _id: tenant, name: tenant, created: app.clock.now, state: 'active', policy: {} });
  let { token } = await app.makeClient(tenant, { tolerances: 'strict' });
  for (const [name, { path, body }] of Object.entries(given)) {
    const made = await app.call('POST', path, filled(body, names), { token });
    t.equal(made.status, 201, made.text);
    names.set(name, made.body.id);
  }
  const person = names.get(actingAs ?? '');
  if (person !== undefined) ({ token } = await app.makeClient(tenant, { tolerances: 'strict', person }));
  for (const { request, response } of steps) {
    const headers = filled(request.headers ?? {}, names);
    const answer = await app.call(request.method, filled(request.path, names), request.body === undefined ? undefined : filled(request.body, names), { token, headers });
    t.equal(answer.status, response.status, answer.text);
    t.same(differences(answer.body, response.body, names, 'body'), [], answer.text);
    for (const [name, printed] of Object.entries(response.headers ?? {})) t.same(differences(answer.headers[name] as Json, printed, names, name), []);
  }
}

const PLACE = /\{(\w+)\}/g;
const filled = <T extends Json>(json: T, names: ReadonlyMap<string, string>): T =>
  JSON.parse(JSON.stringify(json).replaceAll(PLACE, (place, name: string) => JSON.stringify(names.get(name) ?? place).slice(1, -1))) as T;

/** Where an answer is not what is printed. Names that are met for the first time get their value from it. */
function differences(found: Json | undefined, printed: Json | undefined, names: Map<string, string>, at: string): readonly string[] {
  const wrong = [`${at}: ${JSON.stringify(found)}, printed ${JSON.stringify(printed)}`];
  const key = at.slice(at.lastIndexOf('.') + 1);
  if (typeof printed === 'string' && typeof found === 'string') {
    learn(found, printed, names);
    return found === filled(printed, names) || OWN.has(key) ? [] : wrong;
  }
  if (isArray(printed) && isArray(found)) return printed.length === found.length ? printed.flatMap((element, index) => differences(found[index], element, names, `${at}[${index}]`)) : wrong;
  if (isObject(printed) && isObject(found)) return [...missing(found, printed, names, at), ...Object.keys(found).filter((name) => !(name in printed) && !BEYOND.has(name)).map((name) => `${at}.${name} is not printed`)];
  return found === printed ? [] : wrong;
}

const missing = (found: JsonObject, printed: JsonObject, names: Map<string, string>, at: string) =>
  Object.entries(printed).flatMap(([name, value]) => differences(found[name], value, names, `${at}.${name}`));

/** A place stands alone, or behind the last slash of a location. */
function learn(found: string, printed: string, names: Map<string, string>): void {
  const [, name] = /(?:^|\/)\{(\w+)\}$/.exec(printed) ?? [];
  if (name !== undefined && !names.has(name)) names.set(name, printed.startsWith('{') ? found : (found.split('/').at(-1) ?? ''));
}
