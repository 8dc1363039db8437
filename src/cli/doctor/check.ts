/** One line of `rollcall doctor`. */
export interface Check {
  readonly name: string;
  /** `warn`: it works, but not as well as it should. `fail`: it does not work. */
  readonly state: 'ok' | 'warn' | 'fail';
  /** What was found, and for all but `ok` what to do. */
  readonly text: string;
}

export const ok = (name: string, text: string): Check => ({ name, state: 'ok', text });
export const warn = (name: string, text: string): Check => ({ name, state: 'warn', text });
export const fail = (name: string, text: string): Check => ({ name, state: 'fail', text });

/** A check that cannot be made fails, and leaves the others to be made. */
export async function attempt(name: string, check: () => Check | Promise<Check>): Promise<Check> {
  try {
    return await check();
  } catch (error) {
    return fail(name, `this could not be looked at: ${error instanceof Error ? error.message : String(error)}`);
  }
}
