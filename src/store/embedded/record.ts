/** `mongod.json` in the data directory: what the embedded mongod was last run with, to be used again. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessId } from './process.ts';

export interface MongodRecord {
  readonly port: number;
  readonly binary: string;
  readonly version: string;
  /** The process that was last started; it may still run after its server was killed. */
  readonly process: ProcessId | undefined;
}

const fileOf = (dataDir: string) => join(dataDir, 'mongod.json');

export function readMongodRecord(dataDir: string): MongodRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(fileOf(dataDir), 'utf8'));
  } catch {
    return undefined; // a first start
  }
  if (!isRecord(value)) return undefined;
  const { port, binary, version, process } = value;
  if (typeof port !== 'number' || typeof binary !== 'string' || typeof version !== 'string') return undefined;
  return { port, binary, version, process: processIdOf(process) };
}

/** Written beside and renamed: a server killed meanwhile leaves the old record or the new one. */
export function writeMongodRecord(dataDir: string, record: MongodRecord): void {
  const draft = `${fileOf(dataDir)}.draft`;
  writeFileSync(draft, JSON.stringify(record, null, 2));
  renameSync(draft, fileOf(dataDir));
}

/** Undefined for anything that is no process id. */
export function processIdOf(value: unknown): ProcessId | undefined {
  if (!isRecord(value)) return undefined;
  const { pid, startedAt } = value;
  return typeof pid === 'number' && typeof startedAt === 'string' ? { pid, startedAt } : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
