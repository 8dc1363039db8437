/** What MongoDB's errors mean for a caller. */
import mongoose from 'mongoose';

const { MongoError, MongoServerError, MongoBulkWriteError } = mongoose.mongo;

/** E11000: a unique index refused the write. */
export const isDuplicateKey = (error: unknown): boolean => error instanceof MongoServerError && error.code === 11000;

export interface Duplicate {
  readonly collection: string;
  /** The fields of the unique index. */
  readonly fields: readonly string[];
  /** Of the document or operation within the command. */
  readonly position: number;
}

export function duplicateOf(error: unknown): Duplicate {
  if (!(error instanceof MongoServerError)) return { collection: '', fields: [], position: 0 };
  const [, collection = '', index = ''] = /collection: [^.\s]+\.(\w+) index: (\S+)/.exec(error.message) ?? [];
  const writeErrors = error instanceof MongoBulkWriteError ? [error.writeErrors].flat() : [];
  // The name of an index is its fields: t_1_k.userName_1.
  return { collection, fields: index.split(/_-?1_?/), position: writeErrors[0]?.index ?? 0 };
}

/** The time for one operation ran out on the server: for a query, it asks for too much. */
export const isTimeLimit = (error: unknown): boolean => error instanceof MongoServerError && error.code === 50;

/** MongoDB did not answer, or answered that it could not finish: the outcome is unknown (design rule 6). */
export const isMongoError = (error: unknown): boolean => error instanceof MongoError;
