/** What axe finds on a page (WCAG 2.2 A and AA, and its own best practices). */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** The whole answer is long: it holds what is right as well. */
const RUN = "axe.run(document, { preload: false, resultTypes: ['violations', 'incomplete'] }).then(({ violations, incomplete }) => ({ violations, incomplete }))";
const SEVERE: readonly unknown[] = ['serious', 'critical'];

interface Finding {
  readonly id: string;
  readonly impact: unknown;
  readonly nodes: readonly { readonly html: string }[];
}
interface Results {
  readonly violations: readonly Finding[];
  /** What a person has to look at. */
  readonly incomplete: readonly Finding[];
}

/** For pages that are opened one after the other: it is there before they are. */
export const bringAxe = (page: Page): Promise<unknown> => page.addInitScript(SOURCE);

/** @returns a line for each finding that is serious or critical, and for each contrast that axe could not tell */
export async function severeFindings(page: Page): Promise<readonly string[]> {
  // The policy for content lets no page load it, so it comes in by the debugger.
  if (!(await page.evaluate<boolean>("'axe' in window"))) await page.evaluate(SOURCE);
  const { violations, incomplete } = await page.evaluate<Results>(RUN);
  const severe = [...violations.filter(({ impact }) => SEVERE.includes(impact)), ...incomplete.filter(({ id }) => id === 'color-contrast')];
  return severe.map(({ id, impact, nodes }) => `${id} (${String(impact)}): ${nodes.map(({ html }) => html).join(' ')}`);
}
