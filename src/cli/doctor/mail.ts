/** Whether the mail server of SMTP_URL is there: it speaks first, so its greeting is read and nothing is sent. */
import { connect as connectPlainly, type Socket } from 'node:net';
import { connect as connectByTls } from 'node:tls';
import { fail, ok, type Check } from './check.ts';

const GREETED_WITHIN_MS = 3000;
const PORTS = { 'smtp:': 587, 'smtps:': 465 };

/** @param smtpUrl as the settings have checked it */
export async function mailCheck(smtpUrl: string): Promise<Check> {
  const { protocol, hostname, port: given } = new URL(smtpUrl);
  const isSecure = protocol === 'smtps:';
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const port = given === '' ? PORTS[isSecure ? 'smtps:' : 'smtp:'] : Number(given);
  // Never the whole of SMTP_URL: it may hold a password.
  const place = `${hostname}:${port}`;
  const socket = isSecure ? connectByTls({ host, port, servername: host }) : connectPlainly({ host, port });
  try {
    const greeting = await firstWords(socket);
    if (/^220[ -]/.test(greeting)) return ok('mail', `${place} answers`);
    return fail('mail', `${place} answers, but not as a mail server that is ready (${greeting.slice(0, 60)}): correct SMTP_URL.`);
  } catch (error) {
    return fail('mail', `${place} does not answer (${error instanceof Error ? error.message : String(error)}): start the mail server, or correct SMTP_URL.`);
  } finally {
    socket.destroy();
  }
}

/** The first line, or what there is of it; what is not printable is left out. */
async function firstWords(socket: Socket): Promise<string> {
  const timer = setTimeout(() => socket.destroy(new Error(`no greeting within ${GREETED_WITHIN_MS / 1000} s`)), GREETED_WITHIN_MS);
  let text = '';
  try {
    for await (const part of socket.setEncoding('latin1')) {
      text += String(part);
      if (text.includes('\n') || text.length > 1000) break;
    }
  } finally {
    clearTimeout(timer);
  }
  return text.split(/\r?\n/, 1).join('').replace(/[^ -~]/g, '');
}
