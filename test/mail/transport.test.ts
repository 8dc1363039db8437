import { EventEmitter, once } from 'node:events';
import t from 'tap';
import { StartError } from '../../src/errors.ts';
import { readSmtpUrl } from '../../src/mail/smtp-url.ts';
import { createTransport } from '../../src/mail/transport.ts';
import { CERTIFICATE, outgoing, startMailServer, startSilentServer, startTransport } from './smtp.ts';

const coded = (responseCode: number, message: string) => Object.assign(new Error(message), { responseCode });
const headersOf = (source = '') => source.slice(0, source.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ').split('\r\n');
const header = (source: string | undefined, name: string) => headersOf(source).filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`)).map((line) => line.slice(name.length + 2));

t.test('a mail that the server takes is sent, with one recipient and the headers of an automatic mail', async (t) => {
  const { received, port } = await startMailServer(t);
  const delivery = await startTransport(t, { smtpUrl: `smtp://127.0.0.1:${port}` }).send(outgoing());
  t.same(delivery, { outcome: 'sent', response: '250 taken as 42' });
  t.equal(received.length, 1);
  const [mail] = received;
  t.same([mail?.from, mail?.to], ['rollcall@example.com', ['zoe@example.com']]);
  t.same(header(mail?.source, 'Message-ID'), ['<0199-abc@rollcall.example>']);
  t.same(header(mail?.source, 'Auto-Submitted'), ['auto-generated']);
  t.same(header(mail?.source, 'X-Auto-Response-Suppress'), ['All']);
  t.same(header(mail?.source, 'Content-Language'), ['nl']);
  t.same(header(mail?.source, 'From'), ['Rollcall <rollcall@example.com>']);
  t.match(header(mail?.source, 'Content-Type')[0], 'multipart/alternative');
  t.match(mail?.source, /text\/plain; charset=utf-8[\s\S]*text\/html; charset=utf-8/);
});

t.test('nothing in name, subject or text adds a recipient or a header', async (t) => {
  const { received, port } = await startMailServer(t);
  const transport = startTransport(t, { smtpUrl: `smtp://127.0.0.1:${port}` });
  const evil = 'Zoë, evil@example.org\r\nBcc: evil@example.org\r\n\r\n.\r\nMAIL FROM:<a@b.nl>';
  const plain = headersOf((await transport.send(outgoing()), received[0]?.source)).map((line) => line.split(':')[0]).sort();
  await transport.send(outgoing({ to: { name: evil, address: 'zoe@example.com' }, subject: evil, text: `a\r\n.\r\nRCPT TO:<evil@example.org>\r\n${evil}` }));
  t.equal(received.length, 2);
  t.same(received[1]?.to, ['zoe@example.com']);
  t.same(headersOf(received[1]?.source).map((line) => line.split(':')[0]).sort(), plain);
});

t.test('what is no address is refused before any connection', async (t) => {
  const transport = startTransport(t, { smtpUrl: 'smtp://127.0.0.1:1' });
  for (const address of ['zoe@example.com,evil@example.org', 'zoe@example.com\r\nBcc: evil@example.org', '', 'zoë@example.com']) {
    t.match(await transport.send(outgoing({ to: { name: '', address } })), { outcome: 'refused', code: 553, response: /^The address must/ }, address);
  }
  await t.rejects(transport.send(outgoing({ messageId: 'a@b>\r\nBcc: evil@example.org' })), TypeError, 'and what is no Message-ID is a fault of the caller');
});

t.test('an international domain is punycode to the server', async (t) => {
  const { received, port } = await startMailServer(t);
  t.match(await startTransport(t, { smtpUrl: `smtp://127.0.0.1:${port}` }).send(outgoing({ to: { name: '', address: 'zoe@münchen.de' } })), { outcome: 'sent' });
  t.same(received[0]?.to, ['zoe@münchen.de'], 'smtp-server has turned it back');
  t.same(header(received[0]?.source, 'To'), ['zoe@xn--mnchen-3ya.de']);
});

t.test('5xx about the recipient or the mail is never tried again, everything else is', async (t) => {
  const { port } = await startMailServer(t, {
    onMailFrom: ({ address }, _session, done) => done(address === 'nobody@example.com' ? coded(550, 'sender unknown') : null),
    onRcptTo: ({ address }, _session, done) => done(/^\d/.test(address) ? coded(Number(address.slice(0, 3)), `no ${address}`) : null),
    onData: (stream, { envelope }, done) => {
      stream.resume();
      stream.on('end', () => done(coded(Number(envelope.rcptTo[0]?.address.slice(4, 7)), 'no such mail')));
    },
  });
  const rows = [
    ['550@example.com', 'refused', 550], ['554@example.com', 'refused', 554], ['421@example.com', 'later', 421], ['450@example.com', 'later', 450], ['452@example.com', 'later', 452],
    ['530@example.com', 'later', 530], ['503@example.com', 'later', 503],
    ['data552@example.com', 'refused', 552], ['data554@example.com', 'refused', 554], ['data451@example.com', 'later', 451],
  ] as const;
  const transport = startTransport(t, { smtpUrl: `smtp://127.0.0.1:${port}` });
  for (const [address, outcome, code] of rows) t.match(await transport.send(outgoing({ to: { name: '', address } })), { outcome, code, response: new RegExp(`^${code} `) }, address);
  const nobody = startTransport(t, { smtpUrl: `smtp://127.0.0.1:${port}`, from: { name: '', address: 'nobody@example.com' } });
  t.match(await nobody.send(outgoing()), { outcome: 'later', code: 550, reason: 'EENVELOPE' }, 'a sender that is refused is a setting that can be put right');
});

t.test('a connection that is cut after DATA is tried again with the same Message-ID', async (t) => {
  let cut = true;
  const { server, received, port } = await startMailServer(t);
  const take = server.onData.bind(server);
  server.onData = (stream, session, done) => {
    take(stream, session, (...answer) => {
      if (!cut) {
        done(...answer);
        return;
      }
      cut = false;
      for (const connection of server.connections) connection._socket.destroy();
    });
  };
  const transport = startTransport(t, { smtpUrl: `smtp://127.0.0.1:${port}` });
  t.match(await transport.send(outgoing()), { outcome: 'later', reason: 'ECONNECTION', code: undefined });
  t.match(await transport.send(outgoing()), { outcome: 'sent' });
  t.equal(received.length, 2, 'the server had it both times');
  t.same(header(received[0]?.source, 'Message-ID'), header(received[1]?.source, 'Message-ID'));
});

t.test('a server that is not there, says nothing, or says nonsense: later', async (t) => {
  const timeouts = { greeting: 50, socket: 100 };
  const closed = await startSilentServer(t, (socket) => socket.destroy());
  const silent = await startSilentServer(t);
  const nonsense = await startSilentServer(t, (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const away = await startSilentServer(t, (socket) => socket.end('554 5.3.2 no service here\r\n'));
  const stopping = await startSilentServer(t, (socket) => socket.write('220 hello\r\n'));
  const rows = [[1, 'ESOCKET'], [closed, 'ECONNECTION'], [silent, 'ETIMEDOUT'], [nonsense, 'EPROTOCOL'], [away, 'EPROTOCOL'], [stopping, 'ETIMEDOUT']] as const;
  for (const [port, reason] of rows) {
    t.match(await startTransport(t, { smtpUrl: `smtp://127.0.0.1:${port}`, timeouts }).send(outgoing()), { outcome: 'later', reason }, String(port));
  }
});

t.test('a server that drips a byte now and then does not hold a mail forever', async (t) => {
  const port = await startSilentServer(t, (socket) => {
    socket.write('220-hello\r\n');
    const timer = setInterval(() => socket.write('220-wait\r\n'), 10);
    socket.on('close', () => clearInterval(timer));
  });
  t.match(await startTransport(t, { smtpUrl: `smtp://127.0.0.1:${port}`, timeouts: { greeting: 60_000, socket: 60_000, total: 80 } }).send(outgoing()), { outcome: 'later', reason: 'EABORT' });
});

t.test('closing ends what is under way and whatever comes after', async (t) => {
  const connections = new EventEmitter();
  const port = await startSilentServer(t, () => connections.emit('one'));
  const transport = startTransport(t, { smtpUrl: `smtp://127.0.0.1:${port}` });
  const connected = once(connections, 'one');
  const sending = transport.send(outgoing());
  await connected;
  transport.close();
  t.match(await sending, { outcome: 'later', reason: 'EABORT' });
  t.match(await transport.send(outgoing()), { outcome: 'later', reason: 'EABORT' });
});

t.test('STARTTLS is taken where it is offered, and a certificate that nobody vouches for ends it', async (t) => {
  const { received, port } = await startMailServer(t, { disabledCommands: [] });
  t.match(await startTransport(t, { smtpUrl: `smtp://localhost:${port}`, authority: CERTIFICATE }).send(outgoing()), { outcome: 'sent' });
  t.equal(received[0]?.secure, true);
  t.match(await startTransport(t, { smtpUrl: `smtp://localhost:${port}` }).send(outgoing()), { outcome: 'later', reason: 'ESOCKET' });
  t.equal(received.length, 1, 'and nothing goes out in the clear instead');
});

t.test('smtps is TLS from the first byte, and the password goes over it', async (t) => {
  const { received, port } = await startMailServer(t, {
    secure: true,
    onAuth: ({ username, password }, _session, done) => (password === 'p@ss%' ? done(null, { user: username }) : done(new Error('wrong password'))),
  });
  const withPassword = (password: string) => startTransport(t, { smtpUrl: `smtps://rollcall:${encodeURIComponent(password)}@localhost:${port}`, authority: CERTIFICATE });
  t.match(await withPassword('p@ss%').send(outgoing()), { outcome: 'sent' });
  t.match(received, [{ secure: true, user: 'rollcall' }]);
  const refused = await withPassword('guess').send(outgoing());
  t.match(refused, { outcome: 'later', reason: 'EAUTH', code: 535 }, 'a wrong password is a setting that can be put right');
  t.notMatch(JSON.stringify(refused), 'guess');
});

t.test('a password never goes to a server that does not offer TLS', async (t) => {
  const asked: string[] = [];
  const { received, port } = await startMailServer(t, {
    onAuth: ({ method }, _session, done) => {
      asked.push(method);
      done(null, { user: 'user' });
    },
  });
  // 0.0.0.0 is this machine under a name that is not known as such.
  t.match(await startTransport(t, { smtpUrl: `smtp://user:secret@0.0.0.0:${port}` }).send(outgoing()), { outcome: 'later', reason: /ETLS|ECONNECTION/ });
  t.same([asked, received], [[], []]);
  t.match(await startTransport(t, { smtpUrl: `smtp://user:secret@127.0.0.1:${port}` }).send(outgoing()), { outcome: 'sent' }, 'but on the same machine');
  t.equal(readSmtpUrl('smtp://user:secret@mail.example.com').requireTLS, true);
  t.equal(readSmtpUrl('smtp://user:secret@127.0.0.1').requireTLS, false);
  t.equal(readSmtpUrl('smtp://mail.example.com').requireTLS, false);
  t.equal(readSmtpUrl('smtps://user:secret@mail.example.com').requireTLS, false, 'there it is the first thing');
});

t.test('SMTP_URL: default ports, names with percent signs, IPv6', async (t) => {
  t.same(readSmtpUrl('smtp://mail.example.com'), { host: 'mail.example.com', port: 587, secure: false, requireTLS: false });
  t.same(readSmtpUrl('smtps://a%40b:c%3Ad@[2001:db8::1]/'), { host: '2001:db8::1', port: 465, secure: true, requireTLS: false, auth: { user: 'a@b', pass: 'c:d' } });
});

t.test('SMTP_URL: what would silently not count stops the start, and the password is not told', async (t) => {
  for (const rest of ['?ignoreTLS=true', '?tls.rejectUnauthorized=false', '#x', '/path']) {
    t.throws(() => createTransport({ smtpUrl: `smtp://user:secret@mail.example.com${rest}`, from: { name: '', address: 'a@b.nl' } }), StartError, rest);
  }
  for (const smtpUrl of ['http://mail.example.com', 'mail.example.com:25', 'smtp://', 'smtp://user:%zzsecret@mail.example.com']) {
    try {
      readSmtpUrl(smtpUrl);
      t.fail(smtpUrl);
    } catch (error) {
      t.ok(error instanceof StartError && !error.message.includes('secret'), smtpUrl);
    }
  }
});
