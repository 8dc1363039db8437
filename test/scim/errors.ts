/** What a call is refused with, for tables of wrong input. */
import { ScimError } from '../../src/errors.ts';

/** @returns the scimType of the ScimError 400 that `work` throws, or what happened instead */
export function refusal(work: () => unknown): string {
  try {
    return `accepted: ${JSON.stringify([work()])}`.slice(0, 200);
  } catch (error) {
    if (error instanceof ScimError && error.status === 400) return error.scimType ?? 'no scimType';
    throw error;
  }
}

export function detail(work: () => unknown): string {
  try {
    work();
    return 'accepted';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
