/** The mail server of the year (smtp-server), which is away at times: whoever connects then is refused, or told to come later. */
import { once } from 'node:events';
import { SMTPServer } from 'smtp-server';

export interface Received {
  readonly id: string;
  readonly to: string;
  readonly text: string;
}

export class MailServer {
  readonly received: Received[] = [];
  port = 0;
  outages = 0;
  private state: 'open' | 'later' | 'away' = 'away';
  private server: SMTPServer | undefined;

  async open(): Promise<void> {
    if (!this.server) {
      this.server = this.makeServer();
      const listening = this.server.listen(this.port, '127.0.0.1');
      await once(listening, 'listening');
      const address = listening.address();
      this.port = typeof address === 'object' && address !== null ? address.port : 0;
    }
    this.state = 'open';
  }

  async fail(how: 'later' | 'away'): Promise<void> {
    this.outages++;
    this.state = how;
    if (how === 'away') await this.close();
  }

  async close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server) await new Promise<void>((resolve) => server.close(resolve));
  }

  private makeServer(): SMTPServer {
    const server = new SMTPServer({
      logger: false, authOptional: true, disableReverseLookup: true, disabledCommands: ['STARTTLS'], closeTimeout: 100,
      onData: (stream, { envelope }, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          if (this.state === 'later') {
            done(Object.assign(new Error('4.2.0 later, please'), { responseCode: 451 }));
            return;
          }
          const source = Buffer.concat(chunks).toString('utf8');
          this.received.push({ id: /^Message-ID: (\S+)/im.exec(source)?.[1] ?? '', to: envelope.rcptTo.map(({ address }) => address).join(), text: source });
          done(null, 'taken');
        });
      },
    });
    server.on('error', () => undefined); // connections whose server was killed
    return server;
  }
}

/** The token of the link in a mail, whose text may be quoted-printable. */
export const linkIn = ({ text }: Received): string | undefined => /[?&]token=([\w-]{43})/.exec(text.replace(/=\r?\n/g, '').replaceAll('=3D', '='))?.[1];
