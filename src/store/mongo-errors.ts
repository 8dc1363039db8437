/** What MongoDB's errors mean for a caller. */
import mongoose from 'mongoose';

const { MongoError, MongoServerError } = mongoose.mongo;

/** E11000: a unique index refused the write. */
export const isDuplicateKey = (error: unknown): boolean => error instanceof MongoServerError && error.code === 11000;

/** Which unique index: the collection and its fields. */
export function duplicateOf(error: unknown): { collection: string; fields: readonly string[] } {
  if (!(error instanceof MongoServerError)) return { collection: '', fields: [] };
  const pattern: unknown = error['keyPattern'];
  const [, collection = ''] = /collection: [^.\s]+\.(\w+)/.exec(error.message) ?? [];
  return { collection, fields: typeof pattern === 'object' && pattern !== null ? Object.keys(pattern) : [] };
}

/** The time for one operation ran out on the server: for a query, it asks for too much. */
export const isTimeLimit = (error: unknown): boolean => error instanceof MongoServerError && error.code === 50;

/** MongoDB did not answer, or answered that it could not finish: the outcome is unknown (design rule 6). */
export const isMongoError = (error: unknown): boolean => error instanceof MongoError;
