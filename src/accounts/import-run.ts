/**
 * The worker's part of an import: a batch of lines at a time, first to say what each would do, then to do it. What has become of a line is written in
 * the transaction of its change, so that each is done once, whoever dies in between; an import that others wait behind ends its turn after a while.
 */
import { randomUUID } from 'node:crypto';
import type { Context } from '../resources/context.ts';
import type { AuditEntry } from '../store/audit.ts';
import type { BatchResult } from '../store/change-set.ts';
import { commitAll } from '../store/commit.ts';
import type { ImportDocument, ImportLineDocument, LineOutcome } from '../store/import-documents.ts';
import { claimImport, dropImports, endPhase, nextLines, releaseImport, settleLines, TakenOver, type Holding, type SettledLine } from '../store/imports.ts';
import { transact } from '../store/transaction.ts';
import { actingFor } from './import-acting.ts';
import { tableOf } from './import-columns.ts';
import { planLines, refusalOf, type Planned } from './import-plan.ts';
import { withTaken } from './import-trial.ts';
import type { Surroundings } from './system.ts';

/** Lines that are read and planned together; of those that change somebody as many are one transaction. */
const BATCH = 100;
/** Batches in a turn. */
const TURN = 20;
/** For a line that loses against others who change the same person. */
const ATTEMPTS = 10;

/** Goes on with every import that waits, each a turn after the other. Safe with any number of processes. */
export async function continueImports(parts: Surroundings): Promise<void> {
  const { store, now } = parts;
  const owner = randomUUID();
  await dropImports(store);
  while (!store.closing) {
    const document = await claimImport(store, owner, now());
    if (!document) return;
    try {
      await takeTurn(parts, document, { id: document._id, owner, phase: document.state });
      await releaseImport(store, document, owner, now());
    } catch (err) {
      // Where somebody else is at it, they are. Else it is free again when the lease is over.
      if (!(err instanceof TakenOver)) parts.log.warn({ err, import: document._id }, 'an import goes on later');
      else await releaseImport(store, document, owner, now());
    }
  }
}

async function takeTurn(parts: Surroundings, document: ImportDocument, holding: Holding): Promise<void> {
  let { position } = document;
  for (let batch = 0; batch < TURN && !parts.store.closing; batch++) {
    const context = await actingFor(parts, document);
    if (!context) {
      await stop(parts, document, holding, 'Whoever asked for it is gone, or may not import any more.');
      return;
    }
    const lines = await nextLines(context.scope, document._id, { after: position, phase: holding.phase, count: BATCH });
    const last = lines.at(-1);
    if (!last) {
      await finish(parts, document, holding);
      return;
    }
    const held = holding.phase === 'checking' ? await check(context, document, holding, lines) : await run(context, document, holding, lines);
    if (held !== undefined) {
      await stop(parts, document, holding, held);
      return;
    }
    position = last.number;
  }
}

const settledOf = ({ line, outcome, keys, person, mentions }: Planned): SettledLine => ({ id: line._id, outcome, keys, ...(person === undefined ? {} : { person }), ...(mentions ? { mentions } : {}) });

async function check(context: Context, document: ImportDocument, holding: Holding, lines: readonly ImportLineDocument[]): Promise<string | undefined> {
  const planned = await withTaken(context, document, await planLines(context, document, lines, true));
  // Nobody is there yet whom a line would make.
  const settled = planned.map((plan) => settledOf(plan.outcome.kind === 'create' ? { line: plan.line, outcome: plan.outcome, keys: plan.keys } : plan));
  await settle(context, holding, settled, lines.at(-1)?.number);
  return undefined;
}

const settle = ({ scope, now }: Context, holding: Holding, settled: readonly SettledLine[], position: number | undefined) =>
  transact(scope.store, (session) => settleLines({ ...scope, session }, holding, settled, now(), position));

/** @returns why it has to stop: the guard of the client refuses more */
async function run(context: Context, document: ImportDocument, holding: Holding, lines: readonly ImportLineDocument[]): Promise<string | undefined> {
  const quiet: SettledLine[] = [];
  let open = lines;
  for (let attempt = 0; open.length > 0; attempt++) {
    const planned = await planLines(context, document, open, false);
    quiet.push(...planned.filter(({ changeSet }) => !changeSet).map(settledOf));
    const written = await writeGroups(context, document, holding, planned);
    quiet.push(...written.refused);
    if (written.held !== undefined) {
      await settle(context, holding, quiet, undefined);
      return written.held;
    }
    open = attempt < ATTEMPTS ? written.again : [];
    if (attempt === ATTEMPTS) quiet.push(...written.again.map(({ _id: id }) => ({ id, outcome: { kind: 'refuse' as const, reason: 'Somebody else changes the person all the time.' } })));
  }
  await settle(context, holding, quiet, lines.at(-1)?.number);
  return undefined;
}

interface Written {
  readonly again: readonly ImportLineDocument[];
  readonly refused: readonly SettledLine[];
  readonly held?: string;
}

async function writeGroups(context: Context, document: ImportDocument, holding: Holding, planned: readonly Planned[]): Promise<Written> {
  const again: ImportLineDocument[] = [];
  const refused: SettledLine[] = [];
  for (const group of groupsOf(planned)) {
    const written = await write(context, document, holding, group);
    again.push(...written.again);
    refused.push(...written.refused);
    if (written.held !== undefined) return { again, refused, held: written.held };
  }
  return { again, refused };
}

/** Change sets of different people share a transaction. What writes groups as well is alone: others of the batch may write the same one. */
function groupsOf(planned: readonly Planned[]): readonly (readonly Planned[])[] {
  const groups: Planned[][] = [];
  let people = new Set<string>();
  let shared: Planned[] | undefined;
  for (const plan of planned) {
    const { changeSet } = plan;
    if (!changeSet) continue;
    if (changeSet.also !== undefined || changeSet.write.type.name !== 'User') {
      groups.push([plan]);
      shared = undefined;
    } else if (shared && !people.has(changeSet.write.id)) {
      shared.push(plan);
      people.add(changeSet.write.id);
    } else {
      shared = [plan];
      people = new Set([changeSet.write.id]);
      groups.push(shared);
    }
  }
  return groups;
}

/** All of them in one transaction with what becomes of each line; without one that cannot be written, where there is one. */
async function write(context: Context, document: ImportDocument, holding: Holding, group: readonly Planned[]): Promise<Written> {
  const refused: SettledLine[] = [];
  let open = group;
  while (open.length > 0) {
    const tried = open;
    const { results, fault } = await commitAll(context.scope, tried.flatMap(({ changeSet }) => changeSet ?? []), undefined, async (transaction, outcomes) => {
      await settleLines(transaction, holding, tried.flatMap((plan, index) => (isWritten(outcomes[index]) ? [settledAs(plan, outcomes[index])] : [])), context.now());
    });
    const culprit = fault && tried[fault.index];
    if (!culprit) return { refused, ...leftOf(tried, results) };
    refused.push(settledOf({ ...withoutNewcomer(culprit), outcome: refusalOf(tableOf(document), fault.cause) }));
    open = tried.filter((plan) => plan !== culprit);
  }
  return { again: [], refused };
}

const isWritten = (result: BatchResult | undefined) => result?.kind === 'done' || result?.kind === 'unchanged';
const SAME: LineOutcome = { kind: 'same' };
const settledAs = (plan: Planned, result: BatchResult | undefined): SettledLine => settledOf(result?.kind === 'unchanged' ? { ...plan, outcome: SAME } : plan);

function withoutNewcomer({ person, ...plan }: Planned): Planned {
  return plan.outcome.kind === 'create' || person === undefined ? plan : { ...plan, person };
}

/** Who was changed meanwhile is looked at again; a refusal of the guard ends the run until somebody releases it. */
function leftOf(tried: readonly Planned[], results: readonly BatchResult[]): Pick<Written, 'again' | 'held'> {
  const refusal = results.find((result) => result.kind === 'refused');
  const again = tried.filter((_plan, index) => !isWritten(results[index])).map(({ line }) => line);
  return { again, ...(refusal?.kind === 'refused' ? { held: refusal.error.message } : {}) };
}

async function finish({ now, store }: Surroundings, { t }: ImportDocument, holding: Holding): Promise<void> {
  const [state, action] = holding.phase === 'checking' ? ['checked', 'import.checked'] as const : ['done', 'import.done'] as const;
  await endPhase(store.scope(t), holding, { state, finished: now() }, (ended) => auditOf(ended, action, holding), now());
}

async function stop({ now, store }: Surroundings, { t }: ImportDocument, holding: Holding, reason: string): Promise<void> {
  await endPhase(store.scope(t), holding, { state: 'stopped', reason, finished: now() }, (ended) => ({ ...auditOf(ended, 'import.stop', holding), refused: reason }), now());
}

const auditOf = ({ _id, by, planned, done }: ImportDocument, action: string, { phase }: Holding): AuditEntry =>
  ({ by: by.actor, action, on: { type: 'Import', id: _id }, request: _id, changed: [], values: phase === 'checking' ? planned : done });
