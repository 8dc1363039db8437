/** What a mail server says first: whether it is there can be asked without sending anything. */
import { connect as connectPlainly, type Socket } from 'node:net';
import { connect as connectByTls } from 'node:tls';

const GREETED_WITHIN_MS = 3000;
const PORTS = { 'smtp:': 587, 'smtps:': 465 };

/** Never the whole of SMTP_URL: it may hold a password. */
export function mailPlace(smtpUrl: string): string {
  const { protocol, hostname, port } = new URL(smtpUrl);
  return `${hostname}:${port === '' ? PORTS[protocol === 'smtps:' ? 'smtps:' : 'smtp:'] : port}`;
}

/** Its first line. @param smtpUrl as the settings have checked it @throws Error where nobody answers */
export async function greetingOf(smtpUrl: string): Promise<string> {
  const { protocol, hostname, port: given } = new URL(smtpUrl);
  const isSecure = protocol === 'smtps:';
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const port = given === '' ? PORTS[isSecure ? 'smtps:' : 'smtp:'] : Number(given);
  const socket = isSecure ? connectByTls({ host, port, servername: host }) : connectPlainly({ host, port });
  try {
    return await firstWords(socket);
  } finally {
    socket.destroy();
  }
}

export const isGreeting = (line: string): boolean => /^220[ -]/.test(line);

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
