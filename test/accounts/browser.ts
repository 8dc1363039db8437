/** As much of a browser as the hosted pages need: cookies, forms, and no script. */
import type { FastifyInstance } from 'fastify';

export interface Page {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** Where it redirects to. */
  readonly location: string;
}

export class Browser {
  readonly cookies = new Map<string, string>();
  private readonly app: FastifyInstance;
  private readonly from: string;

  constructor(app: FastifyInstance, from: string) {
    this.app = app;
    this.from = from;
  }

  get(url: string, headers: Record<string, string> = {}): Promise<Page> {
    return this.send('GET', url, headers);
  }

  /** Opens the form's page first where the browser has none of its cookies yet. */
  async post(url: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<Page> {
    if (!this.cookies.has('__Host-csrf')) await this.get('/sign-in');
    const body = new URLSearchParams({ csrf: this.cookies.get('__Host-csrf') ?? '', ...fields });
    return this.postRaw(url, body.toString(), headers);
  }

  /** A body as it is. */
  postRaw(url: string, payload: string, headers: Record<string, string> = {}): Promise<Page> {
    return this.send('POST', url, { 'content-type': 'application/x-www-form-urlencoded', origin: 'https://scim.example', ...headers }, payload);
  }

  private async send(method: 'GET' | 'POST', url: string, headers: Record<string, string>, payload?: string): Promise<Page> {
    const cookie = Array.from(this.cookies, ([name, value]) => `${name}=${value}`).join('; ');
    const answer = await this.app.inject({ method, url, remoteAddress: this.from, headers: { ...(cookie === '' ? {} : { cookie }), ...headers }, ...(payload === undefined ? {} : { payload }) });
    for (const { name, value, maxAge, expires } of answer.cookies) {
      if (maxAge === 0 || (expires && expires.getTime() <= 0) || value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return { status: answer.statusCode, headers: answer.headers, text: answer.body, location: answer.headers.location ?? '' };
  }
}
