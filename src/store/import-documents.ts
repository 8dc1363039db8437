/** The shapes of imports: a file of people as lines, and what has become of each. */
import type { Actor } from './documents.ts';

export const OUTCOMES = ['create', 'change', 'same', 'refuse'] as const;
export type OutcomeKind = (typeof OUTCOMES)[number];

/** `checking` and `running` are the worker's; `mapping` waits for somebody to say what the columns are; `dropped` is for the worker to take away. */
export type ImportState = 'loading' | 'mapping' | 'checking' | 'checked' | 'running' | 'done' | 'stopped' | 'dropped';
export type ImportPhase = Extract<ImportState, 'checking' | 'running'>;

export type OutcomeCounts = Readonly<Record<OutcomeKind, number>>;

export interface ImportDocument {
  /** UUIDv7. */
  readonly _id: string;
  readonly t: string;
  readonly created: Date;
  /** On whose behalf it goes on, and what they might do when they asked: what they may no longer do since, it may not either. */
  readonly by: { readonly actor: Actor; readonly scopes: readonly string[] };
  readonly state: ImportState;
  /** Why it was stopped. */
  readonly reason?: string;
  readonly delimiter: string;
  readonly columns: readonly ImportColumn[];
  /** The line on which they are named. */
  readonly headerLine: number;
  /** The field by which people are found. */
  readonly matchBy?: string;
  /** What an empty cell says: nothing, or that there is no value. */
  readonly empty: 'keep' | 'clear';
  readonly lines: number;
  /** The number of the last line that the present phase has behind it. */
  readonly position: number;
  readonly planned: OutcomeCounts;
  readonly done: OutcomeCounts;
  /** When it was run first. */
  readonly begun?: Date;
  readonly finished?: Date;
  /** Which process is at it, and until when. */
  readonly lease?: { readonly owner: string; readonly until: Date };
  /** When a process was at it last: the one that has waited longest goes on first. */
  readonly turn: Date;
}

export interface ImportColumn {
  readonly header: string;
  /** What it holds; null where it is left out, absent where nobody knows. */
  readonly field?: string | null;
}

/** One line; it holds what is personal and ends with the person that it is about. */
export interface ImportLineDocument {
  /** The import's id, `|`, and the number with leading zeros: so they are in order. */
  readonly _id: string;
  readonly t: string;
  readonly import: string;
  /** From 1, without the header. */
  readonly number: number;
  /** In the file. */
  readonly line: number;
  readonly cells: readonly string[];
  /** What no other line may have: names by which people are told apart. */
  readonly keys?: readonly string[];
  readonly outcome?: LineOutcome;
  /** The outcome is what has happened, and not what would. */
  readonly ran?: true;
  readonly person?: string;
  /** Others whom it might be about. */
  readonly mentions?: readonly string[];
}

export interface LineOutcome {
  readonly kind: OutcomeKind;
  /** Fields. */
  readonly changed?: readonly string[];
  /** From 1: where it is refused for what stands in one cell. */
  readonly column?: number;
  readonly reason?: string;
}
