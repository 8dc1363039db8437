/**
 * Two servers that are to answer alike: every request goes to the first, then to the second with the ids, cursors and tokens that it has
 * for the same things. Where their answers differ in status, a header that matters or the body, that is kept for the test to tell.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';
import type { TestApp } from '../helpers/app.ts';

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const CURSOR = /"(?:nextCursor|previousCursor)":"([^"]+)"/g;
/** The others are the time of day, the length, and the connection's. */
const HEADERS = ['content-type', 'etag', 'location', 'allow', 'www-authenticate', 'retry-after', 'cache-control', 'x-content-type-options', 'vary'];

export interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export class Twin {
  readonly differences: string[] = [];
  count = 0;
  /** What the second server calls the first one's, and the other way round. */
  private readonly toSecond = new Map<string, string>();
  private readonly toFirst = new Map<string, string>();
  private readonly first: TestApp;
  private readonly second: TestApp;
  private last: Promise<unknown> = Promise.resolve();

  constructor(first: TestApp, second: TestApp) {
    this.first = first;
    this.second = second;
  }

  pair(first: string, second: string): void {
    this.toSecond.set(first, second);
    this.toFirst.set(second, first);
  }

  /** One request after the other: at the same time they might come to the two in another order. */
  send(request: Request): Promise<Answer> {
    const answer = this.last.then(() => this.sendBoth(request));
    this.last = answer.catch(() => undefined);
    return answer;
  }

  private async sendBoth(request: Request): Promise<Answer> {
    this.count++;
    for (const { clock } of [this.first, this.second]) clock.now = new Date(clock.now.getTime() + 10);
    const first = await call(this.first, request);
    const second = await call(this.second, {
      ...request,
      url: replaced(request.url, this.toSecond),
      headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, replaced(value, this.toSecond)])),
      // Bytes that are no text go as they are.
      ...(request.body === undefined ? {} : { body: Buffer.from(replaced(request.body.toString('latin1'), this.toSecond), 'latin1') }),
    });
    this.learn(first, second);
    const [one, other] = [ordered(comparable(first)), ordered(replaced(comparable(second), this.toFirst))];
    if (one !== other) this.differences.push(`${request.method} ${request.url} ${request.body?.toString('utf8').slice(0, 500) ?? ''}\n  alone:     ${around(one, other)}\n  neighbour: ${around(other, one)}`);
    return first;
  }

  /** What is random in both and stands at the same place is the same thing. */
  private learn(first: Answer, second: Answer): void {
    for (const pattern of [ID, CURSOR]) {
      const [ones, others] = [first, second].map((answer) => Array.from(comparable(answer).matchAll(pattern), (match) => match[1] ?? match[0]));
      if (ones?.length !== others?.length) continue;
      ones?.forEach((one, index) => {
        const other = others?.[index];
        if (other !== undefined && !this.toSecond.has(one) && !this.toFirst.has(other)) this.pair(one, other);
      });
    }
  }
}

const comparable = ({ status, headers, text }: Answer) => `${status} ${HEADERS.map((name) => `${name}: ${String(headers[name])}`).join('\n')}\n${text}`;

/** The groups of a person come in the order of keys that are random. */
function ordered(text: string): string {
  return text.replaceAll(/"groups":(\[[^\]]*\])/g, (_, groups: string) => `"groups":${JSON.stringify((JSON.parse(groups) as { value: string }[]).toSorted((a, b) => (a.value < b.value ? -1 : 1)))}`);
}

function replaced(text: string, names: ReadonlyMap<string, string>): string {
  return text.replaceAll(ID, (id) => names.get(id) ?? id).replaceAll(/[\w-]{30,}/g, (word) => names.get(word) ?? word);
}

/** From a little before where they differ. */
function around(text: string, other: string): string {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at++;
  return JSON.stringify(text.slice(Math.max(0, at - 100), at + 300));
}

async function call({ app }: TestApp, { method, url, headers, body }: Request): Promise<Answer> {
  const response = await app.inject({ method: method as 'GET', url, headers, ...(body === undefined ? {} : { payload: body }) });
  return { status: response.statusCode, headers: response.headers, text: response.body };
}

/** The twin as a server, for what speaks HTTP. @returns its origin */
export async function listen(t: Test, twin: Twin): Promise<string> {
  const server = createServer((request, response) => {
    void bodyOf(request).then(async (body) => {
      const { host, connection, 'content-length': length, ...headers } = request.headers;
      const { status, headers: answered, text } = await twin.send({
        method: request.method ?? 'GET', url: request.url ?? '/', headers: headers as Record<string, string>, ...(body.length > 0 ? { body } : {}),
      });
      const { connection: kept, 'transfer-encoding': encoding, ...others } = answered as Record<string, string>;
      response.writeHead(status, others).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => new Promise((resolve) => {
    server.closeAllConnections();
    server.close(resolve);
  }));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
