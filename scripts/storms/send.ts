/** Requests over real sockets that are kept open, as a proxy in front of the server keeps them. */
import { Agent, request, type IncomingHttpHeaders } from 'node:http';
import type { Json } from '../../src/scim/json.ts';

export interface Sent {
  readonly token?: string;
  /** The address that X-Forwarded-For names; a new range unless given, so that no rate of an address stops the storm. */
  readonly from?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As they came, name and value in turns. */
  readonly rawHeaders: readonly string[];
  readonly text: string;
  /** Milliseconds from the first byte that was written to the last that was read. */
  readonly ms: number;
}

const ANSWERED_WITHIN_MS = 30_000;
const agent = new Agent({ keepAlive: true, noDelay: true });

/** @throws where no answer comes in time */
export function send(origin: string, method: string, path: string, body?: Json, { token, from = newRange() }: Sent = {}): Promise<Answer> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    'x-forwarded-for': from,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(payload === undefined ? {} : { 'content-type': typeOf(path), 'content-length': Buffer.byteLength(payload) }),
  };
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const sent = request(`${origin}${path}`, { method, headers, agent, signal: AbortSignal.timeout(ANSWERED_WITHIN_MS) }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const { statusCode: status = 0, headers: names, rawHeaders } = answer;
        resolve({ status, headers: names, rawHeaders, text: Buffer.concat(chunks).toString('utf8'), ms: performance.now() - began });
      });
    });
    sent.on('error', reject);
    sent.end(payload);
  });
}

const typeOf = (path: string) => (path.startsWith('/api') ? 'application/json' : 'application/scim+json');

/** @throws for an answer that is no success */
export async function ask(...request: Parameters<typeof send>): Promise<unknown> {
  const { status, text } = await send(...request);
  if (status < 200 || status > 299) throw new Error(`${request[1]} ${request[2]}: ${status} ${text.slice(0, 300)}`);
  return text === '' ? undefined : JSON.parse(text);
}

/** Open sockets of the last storm must not outlive its servers. */
export const closeSockets = (): void => agent.destroy();

let ranges = 0;
const newRange = () => `10.${(++ranges >> 8) & 255}.${ranges & 255}.1`;

/** Runs `work` for 0 to `count` - 1, so many at once. */
export async function eachOf(count: number, atOnce: number, work: (at: number) => Promise<void>): Promise<void> {
  let next = 0;
  const one = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}
