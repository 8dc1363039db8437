/** What is due for a reminder, and the mark that it was sent: written with the mail, so that any number of workers sends one. */
import type { AccountWrites } from './change-set.ts';
import type { TokenDocument } from './documents.ts';
import { isDuplicateKey } from './mongo-errors.ts';
import { postMails } from './outbox.ts';
import type { Store, TenantScope } from './store.ts';
import { transact } from './transaction.ts';

type Mails = NonNullable<AccountWrites['mails']>;

/** People whose password was set within the window and who were not told of this many days, or of fewer. */
export async function* passwordsToRemind({ tenant, store }: TenantScope, { after, until }: { readonly after: Date; readonly until: Date }, days: number): AsyncGenerator<{ readonly id: string; readonly changed: Date }> {
  const found = store.collections.credentials.find({ t: tenant, changed: { $gt: after, $lte: until }, $nor: [{ reminded: { $lte: days } }] }, { projection: { changed: 1 } });
  for await (const { _id, changed } of found) if (changed) yield { id: _id, changed };
}

export async function remindOnce({ tenant, store }: TenantScope, person: string, days: number, mails: Mails, at: Date): Promise<void> {
  await transact(store, async (session) => {
    const { modifiedCount } = await store.collections.credentials.updateOne({ _id: person, t: tenant, $nor: [{ reminded: { $lte: days } }] }, { $set: { reminded: days } }, { session });
    if (modifiedCount === 1) await postMails({ tenant, store, session }, mails, at);
  });
}

/** Of all tenants: the worker looks for what is due. */
export const tokensToWarn = ({ collections }: Store, now: Date, until: Date): AsyncIterable<TokenDocument> =>
  collections.tokens.find({ expires: { $gt: now, $lte: until }, warned: { $exists: false } });

export async function warnOnce({ tenant, store }: TenantScope, token: string, mails: Mails, at: Date): Promise<void> {
  await transact(store, async (session) => {
    const { modifiedCount } = await store.collections.tokens.updateOne({ _id: token, t: tenant, warned: { $exists: false } }, { $set: { warned: at } }, { session });
    if (modifiedCount === 1) await postMails({ tenant, store, session }, mails, at);
  });
}

const HOUR_MS = 60 * 60 * 1000;
/** An hour, for one person: nobody's mailbox is flooded by whoever knows their name. */
const RECOVERIES = 3;

/** @returns whether another mail may be sent; one update decides, however many ask at once */
export async function noteRecovery({ tenant, store }: TenantScope, person: string, now: Date): Promise<boolean> {
  const since = new Date(now.getTime() - HOUR_MS);
  try {
    const { matchedCount, upsertedCount } = await store.collections.credentials.updateOne(
      { _id: person, t: tenant, $nor: [{ [`recoveries.${RECOVERIES - 1}`]: { $gt: since } }] },
      { $push: { recoveries: { $each: [now], $position: 0, $slice: RECOVERIES } } },
      { upsert: true },
    );
    return matchedCount + upsertedCount === 1;
  } catch (error) {
    // It is there, and had its share.
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}
