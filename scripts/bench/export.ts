/** J12 at size: everybody as CSV from a server of its own, whose memory is looked at while the file goes out, as fast as it is read and slowly. */
import { get, type IncomingMessage } from 'node:http';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Crowd } from './crowd.ts';

const MOST_MEGABYTES = 64;
const MOST_MS = 1000;
const COLUMNS = 'lastName,firstName,email,userName,displayName,status,roles,population,employeeNumber,department,title,language,leaveDate,id';
const SAMPLED_EVERY_MS = 20;
const WARM = 100;

export async function exportAll({ serve, people }: Crowd): Promise<void> {
  const { origin, token, child } = await serve();
  const pid = child.pid ?? 0;
  const file = (query: string, slowly = false) => download(`${origin}/api/v1/users/export?${query}`, token, slowly);
  // What a process takes in its first minute, whatever is asked of it, is no part of an export.
  for (let time = 0; time < WARM; time++) for (const path of ['api/v1/users', 'api/v1/users?search=jan', `scim/v2/Users?filter=${encodeURIComponent('userName eq "nobody"')}`, 'api/v1/users/export?search=jan.berg.1']) await download(`${origin}/${path}`, token, false);
  for (const [what, query, slowly] of [
    ['everybody, the usual columns', POPULATIONS, false],
    ['everybody, all columns', `${POPULATIONS}&columns=${COLUMNS}`, false],
    ['everybody, again', POPULATIONS, false],
    ['a term that finds many', `${POPULATIONS}&search=j`, false],
    ['everybody, read slowly', POPULATIONS, true],
  ] as const) {
    const memory = watch(pid);
    const { rows, firstByte, ms, megabytes } = await file(query, slowly);
    const { before, peak } = memory.stop();
    const wrong = [...(peak - before >= MOST_MEGABYTES ? ['MEMORY'] : []), ...(firstByte > MOST_MS ? ['FIRST BYTE'] : [])].join(' ');
    console.log(`export of ${people} people, ${what}: ${rows} rows, ${megabytes.toFixed(0)} MB in ${(ms / 1000).toFixed(1)} s, first byte ${firstByte.toFixed(0)} ms, resident memory ${before.toFixed(0)} MB, at most ${peak.toFixed(0)} MB: ${(peak - before).toFixed(0)} MB more ${wrong}`);
  }
}

const POPULATIONS = 'population=employee&population=external&population=contact&population=portal';

/** The resident memory of a process, over and over. */
function watch(pid: number): { stop: () => { before: number; peak: number } } {
  const before = residentOf(pid);
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentOf(pid));
  }, SAMPLED_EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      return { before, peak: Math.max(peak, residentOf(pid)) };
    },
  };
}

const residentOf = (pid: number) => Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

interface Downloaded {
  readonly rows: number;
  readonly megabytes: number;
  readonly firstByte: number;
  readonly ms: number;
}

/** @param slowly with pauses, and given up after a while: the server waits and must hold no more for it */
async function download(url: string, token: string, slowly: boolean): Promise<Downloaded> {
  const began = performance.now();
  const answer = await new Promise<IncomingMessage>((resolve, reject) => get(url, { headers: { authorization: `Bearer ${token}` } }, resolve).on('error', reject));
  if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.statusCode ?? 0}`);
  let [bytes, rows, firstByte] = [0, -1, 0];
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    if (bytes === 0) firstByte = performance.now() - began;
    bytes += chunk.length;
    for (const byte of chunk) if (byte === 10) rows++;
    if (slowly) await delay(50);
    if (slowly && performance.now() - began > SLOWLY_MS) break;
  }
  return { rows, megabytes: bytes / 1e6, firstByte, ms: performance.now() - began };
}

const SLOWLY_MS = 15_000;
