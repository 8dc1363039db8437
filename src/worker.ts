/**
 * The periodic work, safe with any number of processes: each task takes what is due by one atomic step, or does what can be done twice. One
 * that fails is logged and tried again at its next turn.
 */
import { finishErasures } from './accounts/erase.ts';
import { eraseExpired } from './accounts/hidden.ts';
import { continueImports } from './accounts/import-run.ts';
import { actOnDates, tellOfLeavers } from './accounts/leavers.ts';
import { sendDue, type OutboxParts } from './accounts/outbox.ts';
import { remindOfRenewals, warnOfTokens } from './accounts/reminders.ts';
import type { Surroundings } from './accounts/system.ts';
import type { Transport } from './mail/transport.ts';
import { policyOf } from './policy.ts';
import { NO_TENANT } from './store/audit.ts';
import { expireImports } from './store/imports.ts';
import type { Keyring } from './store/keys.ts';
import { dropTenants, dropTokens, trimAudit, trimProvisioning } from './store/retention.ts';
import { foldSeats } from './store/seat-counts.ts';
import { DAY_MS } from './time.ts';

interface Task {
  readonly name: string;
  readonly everySeconds: number;
  readonly run: (parts: WorkerParts) => Promise<void>;
}

export interface WorkerParts extends Omit<OutboxParts, 'transport'>, Surroundings {
  readonly keyring: Keyring;
  /** Undefined where there is no mail server: mails stay in the outbox, which is the mailbox that people see. */
  readonly transport: Transport | undefined;
}

export const TASKS: readonly Task[] = [
  { name: 'send mail', everySeconds: 2, run: async (parts) => {
    if (parts.transport) await sendDue({ ...parts, transport: parts.transport });
  } },
  { name: 'act on dates', everySeconds: 60, run: async (parts) => {
    await actOnDates(parts);
  } },
  { name: 'tell of leavers', everySeconds: 3600, run: tellOfLeavers },
  { name: 'fold seats', everySeconds: 3, run: ({ store }) => foldSeats(store) },
  { name: 'remind of renewals', everySeconds: 3600, run: remindOfRenewals },
  { name: 'warn of tokens', everySeconds: 3600, run: warnOfTokens },
  { name: 'rotate signing keys', everySeconds: 3600, run: async ({ keyring }) => {
    await keyring.rotateWhenDue();
    await keyring.dropRetired();
  } },
  { name: 'drop expired tokens', everySeconds: 3600, run: ({ store, now }) => dropTokens(store, now()) },
  { name: 'trim the logs', everySeconds: 3600, run: trimLogs },
  { name: 'erase hidden people', everySeconds: 3600, run: eraseExpired },
  { name: 'finish erasures', everySeconds: 30, run: finishErasures },
  { name: 'go on with imports', everySeconds: 2, run: continueImports },
  { name: 'drop deleted tenants', everySeconds: 300, run: ({ store }) => dropTenants(store) },
];

/** Logs are kept as long as the tenant's policy says. */
async function trimLogs({ store, now }: WorkerParts): Promise<void> {
  await trimAudit(store.scope(NO_TENANT), daysBefore(now(), policyOf({}).auditDays));
  for await (const { _id, policy } of store.collections.tenants.find({ state: { $ne: 'deleted' } })) {
    if (store.closing) return;
    const { auditDays, importDays, provisioningLogDays, provisioningLogEntries } = policyOf(policy);
    await expireImports(store.scope(_id), daysBefore(now(), importDays), daysBefore(now(), 1));
    await trimAudit(store.scope(_id), daysBefore(now(), auditDays));
    await trimProvisioning(store.scope(_id), daysBefore(now(), provisioningLogDays), provisioningLogEntries);
  }
}

const daysBefore = (now: Date, days: number) => new Date(now.getTime() - days * DAY_MS);

export interface Worker {
  /** Ends at the next step of what is running. */
  stop(): Promise<void>;
}

/** Runs every task now and then in its rhythm, never the same one twice at once. */
export function startWorker(parts: WorkerParts): Worker {
  const timers = TASKS.map((task) => {
    let running = false;
    const turn = (): void => {
      if (running || parts.store.closing) return;
      running = true;
      parts.store.background(task.run(parts).finally(() => (running = false)), `the worker could not ${task.name}`);
    };
    turn();
    return setInterval(turn, task.everySeconds * 1000);
  });
  return {
    stop: async () => {
      for (const timer of timers) clearInterval(timer);
      await parts.store.settled();
    },
  };
}
