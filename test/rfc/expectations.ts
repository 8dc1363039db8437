/** What the requirement tests ask of every answer: errors of the right shape, and nothing changed behind a refusal. */
import type { Test } from 'tap';
import type { Json } from '../../src/scim/json.ts';
import type { Answer, TestApp } from '../helpers/app.ts';

export const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** The error body of RFC 7644 section 3.12, with this status and keyword and nothing else in it. */
export function refused(t: Test, answer: Answer, status: number, scimType?: string): void {
  t.equal(answer.status, status, answer.text);
  t.match(answer.headers['content-type'], /^application\/scim\+json/);
  t.equal(typeof answer.body?.detail === 'string' && answer.body.detail !== '', true, 'the detail says what is wrong');
  const { detail, ...rest } = answer.body ?? {};
  t.same(rest, { schemas: [ERROR], status: String(status), ...(scimType === undefined ? {} : { scimType }) }, String(detail));
  t.notMatch(answer.text, /node_modules|at .*\.ts:|Mongo|E11000|\$argon2/, 'nothing of the inside shows');
}

/** Does something that must leave the resource as it is, `meta` included. */
export async function keeps(t: Test, app: TestApp, path: string, act: () => Promise<void>): Promise<void> {
  const before = await app.call('GET', path);
  later(app);
  await act();
  const after = await app.call('GET', path);
  t.same(after.body, before.body, `${path} is as it was, with its version`);
  t.equal(after.headers['etag'], before.headers['etag']);
}

/** A change made after this has another time. */
export function later({ clock }: TestApp): void {
  clock.now = new Date(clock.now.getTime() + 1000);
}

/** A resource without what the server says about it. */
export function withoutMeta(resource: Record<string, Json>): Record<string, Json> {
  return Object.fromEntries(Object.entries(resource).filter(([name]) => name !== 'meta'));
}

/** The resource with some attributes changed; `undefined` stands for an attribute that is gone. */
export function changed(resource: Record<string, Json>, changes: Readonly<Record<string, Json | undefined>>): Record<string, Json> {
  const entries = Object.entries({ ...resource, ...changes });
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** Creates a resource. @returns its representation */
export async function made(app: TestApp, endpoint: string, body: Json): Promise<Answer['body']> {
  const answer = await app.call('POST', endpoint, body);
  if (answer.status !== 201) throw new Error(`POST ${endpoint}: ${answer.text}`);
  return answer.body;
}
