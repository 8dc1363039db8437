/**
 * npm run fuzz [-- --count N] [-- --seed N]: damaged filters and PATCH paths by the million. Only a ScimError may come out, no single
 * parse may take long, and time may grow no faster than the text.
 */
import { parseArgs } from 'node:util';
import { ScimError } from '../src/errors.ts';
import { DEFAULT_LIMITS, type Limits } from '../src/limits.ts';
import { parseFilter } from '../src/scim/filter.ts';
import { parsePatchPath } from '../src/scim/patch-path.ts';
import { loadRegistry } from '../src/scim/registry.ts';
import { resolveFilter } from '../src/scim/resolve.ts';
import { defaultTolerances, strictTolerances } from '../src/scim/tolerances.ts';
import { GROWING, randomFilter, randomFrom, randomPath, type Random } from '../test/properties/malformed.ts';

const SLOW_MS = 20;
const SMALL = 2048;
const LARGE = 16_384;
/** Eight times the text in at most this many times the time: noise included, and far below the 64 of quadratic growth. */
const MAX_RATIO = 20;

const { values } = parseArgs({ options: { count: { type: 'string', default: '1000000' }, seed: { type: 'string', default: String(Date.now() % 0x7fffffff) } } });
const count = Number(values.count);
const seed = Number(values.seed);
const type = loadRegistry(new URL('../schemas', import.meta.url)).type('User');
const counts = { passed: 0, failed: 0 };

type Parse = (text: string, isStrict: boolean, limits: Limits) => void;

const filter: Parse = (text, isStrict, limits) => {
  const tolerances = isStrict ? strictTolerances() : defaultTolerances();
  resolveFilter(type, parseFilter(text, { limits, tolerances }), { tolerances });
};
const path: Parse = (text, isStrict, limits) => {
  parsePatchPath(type, text, { limits, tolerances: isStrict ? strictTolerances() : defaultTolerances() });
};

console.log(`seed ${seed}`);
fuzz('filters', randomFilter, filter);
fuzz('PATCH paths', randomPath, path);
for (const [name, make] of Object.entries(GROWING)) growth(`filter, ${name}`, make, filter);
for (const [name, make] of Object.entries(GROWING)) growth(`PATCH path, ${name}`, (length) => `emails[${make(length)}]`, path);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed > 0 ? 1 : 0;

function fuzz(what: string, make: (random: Random) => string, parse: Parse): void {
  const random = randomFrom(seed);
  const slowest = { ms: 0, text: '' };
  let faults = 0;
  let accepted = 0;
  for (let i = 0; i < count; i++) {
    const text = make(random);
    const started = performance.now();
    try {
      parse(text, i % 2 === 0, DEFAULT_LIMITS);
      accepted++;
    } catch (error) {
      if (!isRefusal(error) && ++faults <= 10) console.log(`${what}: ${JSON.stringify(text)} -> ${String(error)}`);
    }
    const ms = performance.now() - started;
    if (ms > slowest.ms) Object.assign(slowest, { ms, text });
  }
  // A pause of the garbage collector or of the machine is no fault of the text: the slowest is measured again.
  const again = slowest.ms > SLOW_MS ? fastest(slowest.text, parse, DEFAULT_LIMITS) : slowest.ms;
  tell(faults === 0, `${count} ${what}, ${accepted} accepted, ${faults} ended in something else than a ScimError 400`);
  tell(again <= SLOW_MS, `slowest of the ${what}: ${slowest.ms.toFixed(2)} ms, measured again ${again.toFixed(2)} ms`);
}

function isRefusal(error: unknown): boolean {
  return error instanceof ScimError && error.status === 400;
}

/** With the limits raised: they must not be what keeps it linear. Depth stays limited, or the stack would be. */
function growth(what: string, make: (length: number) => string, parse: Parse): void {
  const limits: Limits = { ...DEFAULT_LIMITS, filterLength: LARGE * 2, filterTerms: LARGE, filterDepth: 1000 };
  const small = fastest(make(SMALL), parse, limits);
  const large = fastest(make(LARGE), parse, limits);
  // What takes no time at all has no ratio.
  const ratio = large < 0.05 ? 1 : large / Math.max(small, 0.001);
  tell(ratio <= MAX_RATIO && large <= SLOW_MS, `${what}: ${small.toFixed(3)} ms at ${SMALL}, ${large.toFixed(3)} ms at ${LARGE} characters, ${ratio.toFixed(1)} times`);
}

/** The best of many: what the text costs, without what the machine does meanwhile. @returns milliseconds */
function fastest(text: string, parse: Parse, limits: Limits): number {
  let best = Infinity;
  for (let i = 0; i < 50; i++) {
    const started = performance.now();
    try {
      parse(text, false, limits);
    } catch (error) {
      if (!isRefusal(error)) {
        console.log(String(error));
        return Infinity;
      }
    }
    best = Math.min(best, performance.now() - started);
  }
  return best;
}

function tell(isGood: boolean, what: string): void {
  counts[isGood ? 'passed' : 'failed']++;
  console.log(`${isGood ? 'ok' : 'NOT OK'}  ${what}`);
}
