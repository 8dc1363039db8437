/** The way out: what was opened is closed from the last to the first, within the 10 s that the design promises. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../log.ts';

/** Requests get most of the time; MongoDB stops within 3 s or ends by itself. */
const REQUESTS_WITHIN_MS = 5_500;
const END_WITHIN_MS = 9_500;
/** Ctrl-C reaches this process from the terminal and once more through npm: the same wish, told twice. */
const SAME_WISH_MS = 1_000;

interface Opened {
  readonly name: string;
  readonly close: () => Promise<void>;
}
interface Server {
  readonly server: { closeIdleConnections(): void; closeAllConnections(): void };
  close(): PromiseLike<unknown>;
}

const stack: Opened[] = [];

export function opened(part: Opened): void {
  stack.push(part);
}

/** One that fails to close does not keep the others open. */
export async function closeAll(log?: Log): Promise<void> {
  for (let part = stack.pop(); part !== undefined; part = stack.pop()) {
    try {
      await part.close();
    } catch (err) {
      log?.error({ err, part: part.name }, 'a part did not close');
    }
  }
}

export function endOnSignal(log: Log): void {
  let since: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (since === undefined) {
      since = performance.now();
      void end(signal, log);
    } else if (performance.now() - since > SAME_WISH_MS) {
      process.exit(1);
    }
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

async function end(signal: string, log: Log): Promise<void> {
  log.info({ signal }, 'ending');
  // Not unref'd: it also ends a process whose parts never close.
  setTimeout(() => {
    log.error('not everything closed in time');
    process.exit(0);
  }, END_WITHIN_MS);
  await closeAll(log);
  process.exit(0);
}

/** From here on /readyz says 503 on connections that are open, and no new one is accepted; what was accepted is finished. */
export async function closeServer(app: Server, log: Log): Promise<void> {
  const closed = Promise.resolve(app.close());
  const deadline = performance.now() + REQUESTS_WITHIN_MS;
  let done = false;
  const finished = closed.finally(() => (done = true));
  // A connection that becomes idle now would be kept for the client's next request, which must not come.
  while (!isDone() && performance.now() < deadline) {
    app.server.closeIdleConnections();
    await Promise.race([finished, delay(50)]);
  }
  if (!isDone()) {
    log.warn('requests that did not finish in time are cut');
    app.server.closeAllConnections();
  }
  await finished;

  function isDone(): boolean {
    return done;
  }
}
