/** The signing keys as they are kept, without opening more of them than whether they open. */
import { unseal } from '../seal.ts';
import { PURPOSE, type KeyDocument } from '../store/keys.ts';
import type { Store } from '../store/store.ts';

/** The newest first. */
export async function storedKeys({ collections }: Store): Promise<readonly KeyDocument[]> {
  return (await collections.keys.find({}).toArray()).sort((a, b) => Number(b._id) - Number(a._id));
}

/** Those that none of the secrets opens. */
export const closedTo = (secrets: readonly string[], keys: readonly KeyDocument[]) => keys.filter(({ sealed }) => unseal(secrets, PURPOSE, sealed) === undefined);
