/**
 * A mail server on a bad day (smtp-server): away until `open`, and then each message fares as the plan says. It notes every message that it has
 * read to its end. Each worker has a port of its own, so that it is known who sends.
 */
import { once } from 'node:events';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';

export interface Fate {
  /** `later` is a 451; at a `cut` the connection ends after DATA, and nobody knows whether the message was taken. */
  readonly outcome: 'taken' | 'later' | 'cut';
  /** The worker that sends it is killed: before it is told that the message was taken, after, or a few milliseconds after. */
  readonly kill?: 'before the answer' | 'after the answer' | 'a moment later';
}

export interface Message {
  readonly id: string;
  readonly to: string;
  readonly outcome: Fate['outcome'];
}

export interface BadMailServer {
  readonly ports: readonly number[];
  readonly messages: readonly Message[];
  readonly open: () => Promise<void>;
  readonly close: () => Promise<void>;
}

type Done = (error?: Error | null, answer?: string) => void;

const LONGEST_MOMENT_MS = 20;

/** @param plan the fate of the first message, the second and so on. @param kill ends who sends to the port of that number */
export async function startBadMailServer(workers: number, plan: (message: number) => Fate, kill: (worker: number) => void): Promise<BadMailServer> {
  const messages: Message[] = [];
  const take = (worker: number, source: string, { envelope }: SMTPServerSession, done: Done) => {
    const fate = plan(messages.length);
    const [, id = ''] = /^Message-ID: (\S+)/im.exec(source) ?? [];
    messages.push({ id, to: envelope.rcptTo.map(({ address }) => address).join(), outcome: fate.outcome });
    if (fate.kill === 'before the answer') kill(worker);
    if (fate.outcome === 'cut') cut(worker);
    else if (fate.outcome === 'later') done(Object.assign(new Error('4.2.0 later, please'), { responseCode: 451 }));
    else done(null, 'taken');
    if (fate.kill === 'after the answer') kill(worker);
    if (fate.kill === 'a moment later') setTimeout(() => kill(worker), Math.random() * LONGEST_MOMENT_MS);
  };
  const makeServer = (worker: number) => {
    const server = new SMTPServer({
      logger: false, authOptional: true, disableReverseLookup: true, disabledCommands: ['STARTTLS'], closeTimeout: 100,
      onData(stream, session, done) {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => take(worker, Buffer.concat(chunks).toString('utf8'), session, done));
      },
    });
    server.on('error', () => undefined); // connections that are cut, or whose worker is dead
    return server;
  };
  const cut = (worker: number) => {
    for (const connection of (servers[worker]?.connections ?? []) as Iterable<{ close: () => void }>) connection.close();
  };

  let servers: readonly SMTPServer[] = Array.from({ length: workers }, (_, worker) => makeServer(worker));
  const ports = await Promise.all(servers.map((server) => listen(server, 0)));
  // Away: whoever connects is refused.
  await Promise.all(servers.map(close));
  return {
    ports, messages,
    open: async () => {
      servers = ports.map((_, worker) => makeServer(worker));
      await Promise.all(servers.map((server, worker) => listen(server, ports[worker] ?? 0)));
    },
    close: async () => {
      await Promise.all(servers.map(close));
    },
  };
}

async function listen(server: SMTPServer, port: number): Promise<number> {
  const listening = server.listen(port, '127.0.0.1');
  await once(listening, 'listening');
  const address = listening.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const close = (server: SMTPServer) => new Promise<void>((resolve) => server.close(resolve));
