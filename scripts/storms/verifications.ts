/** What the servers have verified, as `count-verifications.mjs` writes it down inside their processes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Person, Place } from './place.ts';
import type { Preload } from './servers.ts';

export interface Verification {
  readonly hash: string;
  readonly right: boolean;
  /** By the server's clock, in milliseconds. */
  readonly began: number;
}

export interface Verifications {
  readonly preload: Preload;
  /** Those against the person's own hash until now; what nobody's password is verified against is another. */
  readonly of: (place: Place, person: Person) => Promise<readonly Verification[]>;
}

export async function followVerifications(): Promise<Verifications> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-storm-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'verifications');
  await writeFile(file, '');
  return {
    preload: { module: './count-verifications.mjs', settings: { STORM_VERIFICATIONS: file } },
    of: async ({ store, tenant }, { id }) => {
      const credential = await store.collections.credentials.findOne({ _id: id, t: tenant });
      const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
      return lines.map((line) => JSON.parse(line) as Verification).filter(({ hash }) => hash === credential?.hash);
    },
  };
}
