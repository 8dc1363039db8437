/** Mail servers for tests: a real one (smtp-server) whose answers a test chooses, and one that speaks no SMTP at all. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server';
import type { Test } from 'tap';
import { createTransport, type OutgoingMail, type TransportSettings } from '../../src/mail/transport.ts';
import { everyMail, letterhead } from './samples.ts';

/** For localhost, for a hundred years, known to everybody: its key is here. */
export const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUQ+3+XBgezHtS4qoucipqOqIQY20wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTE0MTUxM1oYDzIxMjYxMDI4
MTQxNTEzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASh+yO34FTOrjyL35Ef19egYjMQzNCv6AEIhrvwnHfH7bCHA5KdZLts
pt7igJARZyVV/D3Roc/gN4jGrF4/Hy1Jo28wbTAdBgNVHQ4EFgQUFijxgunwFc8z
IxiUOu/rR9cb1hQwHwYDVR0jBBgwFoAUFijxgunwFc8zIxiUOu/rR9cb1hQwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIgKubsx7amqtAJqnOGNVGqrHH71YglWB7n/s7nQK5Ro/ICIQCI
bWvUaLCcKmaWa0/zKTEVoju/6Ujs5k7qJn+MaOkcfQ==
-----END CERTIFICATE-----
`;
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgaqwI/IP0UzytWD8E
Hb79BXHGcCdstHPldUSS74A9uM+hRANCAASh+yO34FTOrjyL35Ef19egYjMQzNCv
6AEIhrvwnHfH7bCHA5KdZLtspt7igJARZyVV/D3Roc/gN4jGrF4/Hy1J
-----END PRIVATE KEY-----
`;

export interface Received {
  readonly from: string | false;
  readonly to: readonly string[];
  readonly secure: boolean;
  readonly user: unknown;
  readonly source: string;
}

/** @param options what the server does differently; as it is it takes every mail, without TLS */
export async function startMailServer(t: Test, options: SMTPServerOptions = {}) {
  const received: Received[] = [];
  const take = ({ envelope, secure, user }: SMTPServerSession, source: string) =>
    received.push({ from: envelope.mailFrom && envelope.mailFrom.address, to: envelope.rcptTo.map(({ address }) => address), secure, user, source });
  const server = new SMTPServer({
    logger: false, authOptional: true, disableReverseLookup: true, disabledCommands: ['STARTTLS'], key: KEY, cert: CERTIFICATE, closeTimeout: 100,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        take(session, Buffer.concat(chunks).toString());
        done(null, 'taken as 42');
      });
    },
    ...options,
  });
  server.on('error', () => undefined); // a connection that a test cuts
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  t.teardown(() => new Promise<void>((resolve) => server.close(resolve)));
  return { server, received, port: portOf(listening.address()) };
}

/** @param talk what is done with each connection */
export async function startSilentServer(t: Test, talk: (socket: Socket) => void = () => undefined) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    talk(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => new Promise<void>((resolve) => {
    for (const socket of sockets) socket.destroy();
    server.close(() => resolve());
  }));
  return portOf(server.address());
}

const portOf = (address: AddressInfo | string | null) => (address as AddressInfo).port;

export function startTransport(t: Test, settings: Partial<TransportSettings> & Pick<TransportSettings, 'smtpUrl'>) {
  const transport = createTransport({ from: { name: 'Rollcall', address: 'rollcall@example.com' }, ...settings });
  t.teardown(transport.close);
  return transport;
}

export const outgoing = (change: Partial<OutgoingMail> = {}): OutgoingMail =>
  ({ ...everyMail({ letterhead, name: 'Zoë' }).recovery, to: { name: 'Zoë', address: 'zoe@example.com' }, messageId: '0199-abc@rollcall.example', ...change });
