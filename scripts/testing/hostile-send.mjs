/** One request to a server: over node's client, or as bytes where that client refuses to write them. */
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';

const ANSWERED_WITHIN_MS = 180_000;
const EARLY_REFUSAL_BYTES = 1024 * 1024;
/** A connection that asks for nothing must have been cut by then. */
export const RAW_WITHIN_MS = 12_000;

let addresses = 0;
/** Of a network that nobody has come from: what is throttled by address is not what a fixture or a line is about. */
export const newAddress = () => {
  addresses = (addresses + 1) % 60_000;
  return `127.${1 + Math.floor(addresses / 250)}.${1 + (addresses % 250)}.1`;
};

/** @returns the value, or undefined where the text is no JSON */
export function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * @param request {method, path, headers, body} or {raw}, and `from`: the address of this machine that it comes from
 * @returns {status, type, headers, text}; without a status where there was no answer
 */
export async function send(origin, request) {
  if (request.raw !== undefined) return sendRaw(origin, request.raw);
  try {
    const answer = await sendHttp(origin, request);
    // A server may answer before it has read a body that it refuses, and node's client then sometimes sees the closed pipe first.
    return answer.status === undefined && request.body?.length > EARLY_REFUSAL_BYTES ? await sendHttp(origin, request) : answer;
  } catch (error) {
    if (error.code !== 'ERR_UNESCAPED_CHARACTERS' && error.code !== 'ERR_INVALID_CHAR') throw error;
    return sendRaw(origin, rawRequest(request));
  }
}

function sendHttp(origin, { method, path, headers, body, from }) {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const length = body === undefined ? {} : { 'Content-Length': body.length };
    const request = httpRequest({ hostname, port, method, path, headers: { ...length, ...headers }, timeout: ANSWERED_WITHIN_MS, agent: false, ...localAddress(hostname, from) }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode, type: response.headers['content-type'], headers: response.headers, text: Buffer.concat(chunks).toString('utf8') }));
      response.on('error', () => resolve({ status: undefined, text: '' }));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve({ status: undefined, text: '' }));
    try {
      request.end(body);
    } catch (error) {
      reject(error);
    }
  });
}

/** All of 127.0.0.0/8 is this machine, on Linux: so a line can come from many networks. */
const localAddress = (hostname, from) => (from !== undefined && hostname === '127.0.0.1' && process.platform === 'linux' ? { localAddress: from } : {});

function rawRequest({ method, path, headers, body }) {
  const lines = Object.entries({ Host: 'h', ...headers, ...(body === undefined ? {} : { 'Content-Length': body.length }), Connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`), body ?? Buffer.alloc(0)]);
}

/** Bytes to the socket. Without an answer and still open after a while is a fault; closed without one is allowed. */
function sendRaw(origin, bytes) {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(origin);
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    const chunks = [];
    const done = (open) => {
      socket.destroy();
      const text = Buffer.concat(chunks).toString('utf8');
      const final = Array.from(text.matchAll(/^HTTP\/1\.1 (\d+)[^\r]*\r\n((?:[^\r]+\r\n)*)\r\n/gm)).filter(([, status]) => status !== '100');
      const [head, status, headers] = final[0] ?? [];
      if (head === undefined) return resolve({ status: undefined, text, open });
      const [, type] = /^content-type: *(.*)$/im.exec(headers) ?? [];
      const [, length] = /^content-length: *(\d+)$/im.exec(headers) ?? [];
      const content = text.slice(final[0].index + head.length);
      const named = Object.fromEntries(Array.from(headers.matchAll(/^([\w-]+): *([^\r\n]*)/gm), ([, name, value]) => [name.toLowerCase(), value]));
      return resolve({ status: Number(status), type, headers: named, text: length === undefined ? content : content.slice(0, Number(length)), responses: final.length, open: false });
    };
    const timer = setTimeout(() => done(true), RAW_WITHIN_MS);
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      done(false);
    });
  });
}
