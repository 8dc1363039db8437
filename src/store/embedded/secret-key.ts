/** The key that seals what is kept secret, where the operator gave none: made at the first start, kept beside the data. */
import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StartError } from '../../errors.ts';

/** 32 random bytes in base64url. Two first starts at once get the same key: the first link stays. */
export function keptSecretKey(dataDir: string): string {
  const file = join(dataDir, 'secret.key');
  if (!existsSync(file)) make(file);
  const key = readFileSync(file, 'utf8').trim();
  if (/^[\w-]{43}$/.test(key)) return key;
  throw new StartError(`${file} is damaged: put back the copy from your backup, or set SECRET_KEY (what the old key sealed is lost then).`);
}

function make(file: string): void {
  const draft = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(draft, randomBytes(32).toString('base64url'), { mode: 0o600 });
    linkSync(draft, file);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'EEXIST' && existsSync(file)) return;
    throw new StartError(`The secret key cannot be kept in ${file} (${String(code)}): set SECRET_KEY, or a DATA_DIR that this process may write to.`, { cause });
  } finally {
    rmSync(draft, { force: true });
  }
}
