/**
 * Chromium as people have it: one for each test file, and for each visitor a context with cookies of their own, in which everything is noted
 * that should not be: what the policy for content forbids, errors of scripts, and whatever is asked of another server than ours.
 */
import { join } from 'node:path';
import { chromium, type BrowserContext, type Locator, type Page } from 'playwright-core';
import type { Test } from 'tap';
import type { Language } from '../../src/policy.ts';
import { severeFindings } from './axe.ts';

const ARGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
/** Spent by what never comes only: a busy machine is slow, and no fault. */
const TIMEOUT_MS = 60_000;
/** Not in git. */
const SCREENSHOTS = join(import.meta.dirname, '..', '..', 'build', 'screenshots');
const TAGS: Readonly<Record<Language, string>> = { nl: 'nl-NL', nb: 'nb-NO', en: 'en-GB' };

export const PHONE = { width: 360, height: 740 };
export const DESK = { width: 1440, height: 900 };
/** Smaller than a desk's: what is not seen is not drawn. */
const WINDOW = { width: 1024, height: 700 };

export interface VisitorOptions {
  /** What the browser asks for in Accept-Language. */
  readonly language?: Language;
  readonly viewport?: typeof PHONE;
  readonly touch?: boolean;
  readonly scripts?: boolean;
}

export interface Opened {
  readonly page: Page;
  /** Since it was opened last. */
  readonly faults: string[];
}

/** @param origin the only one that pages may ask anything of */
export async function startChromium(t: Test, origin: string) {
  const executablePath = process.env['ROLLCALL_TEST_CHROMIUM'];
  if (executablePath === undefined) throw new Error('ROLLCALL_TEST_CHROMIUM is not set: run the tests with npm test');
  const browser = await chromium.launch({ executablePath, args: ARGS, timeout: TIMEOUT_MS });
  t.teardown(() => browser.close());
  // As it calls itself where somebody sits in front of it; without a window it says HeadlessChrome.
  const userAgent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${browser.version()} Safari/537.36`;
  /** A new context takes a quarter of a second: those that are done wait here for the next who wants the same. */
  const free = new Map<string, Opened[]>();

  const create = async ({ language = 'nl', viewport = WINDOW, touch = false, scripts = true }: VisitorOptions): Promise<Opened> => {
    const device = { userAgent, viewport, hasTouch: touch, isMobile: touch, javaScriptEnabled: scripts };
    const context = await browser.newContext({ ...device, baseURL: origin, locale: TAGS[language], reducedMotion: 'reduce' });
    context.setDefaultTimeout(TIMEOUT_MS);
    const faults = watchFaults(context, origin);
    const page = await context.newPage();
    settleClicks(page);
    if (!scripts) unexamined.add(page);
    return { page, faults };
  };
  /** Somebody with a browser of their own, to the end of the test; a fault on any of their pages fails it. */
  const visitor = async (t: Test, options: VisitorOptions = {}): Promise<Page> => {
    const key = JSON.stringify(options);
    const { page, faults } = free.get(key)?.pop() ?? (await create(options));
    t.teardown(async () => {
      await allNoted(page);
      if (!t.passing()) await page.screenshot({ path: screenshotPath(`failed ${t.name}`), fullPage: true });
      await page.goto('about:blank');
      await page.context().clearCookies();
      const found = faults.splice(0);
      free.set(key, [...(free.get(key) ?? []), { page, faults }]);
      if (found.length > 0) throw new Error(`on the pages of "${t.name}":\n${found.join('\n')}`);
    });
    return page;
  };
  return { create, visitor };
}

let settled = false;
/** A click is done when the page that it leads to is loaded and its script has run: a look at it right after must not see one half there. */
function settleClicks(page: Page): void {
  if (settled) return;
  settled = true;
  const locator: Pick<Locator, 'click'> = Object.getPrototypeOf(page.locator('html'));
  const { click } = locator;
  locator.click = async function settledClick(this: Locator, ...options) {
    await click.apply(this, options);
    await this.page().waitForLoadState('load');
  };
}

/** What a page has said before it answers this is noted then. */
export const allNoted = (page: Page): Promise<unknown> => page.evaluate('0');

export const screenshotPath = (name: string): string => join(SCREENSHOTS, `${name.replace(/[^\w-]+/g, '-').slice(0, 80)}.png`);

/** A refusal in answer to a form is no fault, although the console calls it one: statuses are looked at here instead. */
function watchFaults(context: BrowserContext, origin: string): string[] {
  const faults: string[] = [];
  const note = (what: string, url: string) => faults.push(`${what} (${url.replace(/token=[\w-]+/, 'token=...')})`);
  context.on('console', (message) => {
    const isStatus = message.text().startsWith('Failed to load resource: the server responded with a status');
    if (['error', 'warning'].includes(message.type()) && !isStatus) note(message.text(), message.location().url);
  });
  context.on('weberror', (error) => note(String(error.error()), error.page()?.url() ?? ''));
  context.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) note('asked of another server', request.url());
  });
  context.on('response', (response) => {
    const least = response.request().resourceType() === 'document' ? 500 : 400;
    if (response.status() >= least) note(`status ${response.status()}`, response.url());
  });
  context.on('requestfailed', (request) => {
    // Whoever goes on before a page is complete.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') note(request.failure()?.errorText ?? 'failed', request.url());
  });
  return faults;
}

/** Waits for the page with this heading, on which axe finds nothing serious. */
export async function isOn(t: Test, page: Page, heading: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
  t.same(await examine(page), [], heading);
}

/** Waits for the summary of what is wrong with a form. @returns its lines, and what axe finds that is serious */
export async function errorsOn(page: Page): Promise<readonly string[]> {
  const summary = page.getByRole('group', { name: 'Dit vraagt je aandacht' });
  await summary.waitFor();
  return [...(await summary.getByRole('link').allInnerTexts()), ...(await examine(page))];
}

const unexamined = new WeakSet<Page>();
const examined = new Set<string>();

/** Once for each title and width: a page that is opened again and again has its words and its shape from before. Without scripts axe does not run. */
async function examine(page: Page): Promise<readonly string[]> {
  const key = `${await page.title()} ${page.viewportSize()?.width ?? 0}`;
  if (examined.has(key) || unexamined.has(page)) return [];
  examined.add(key);
  return severeFindings(page);
}

/** Nothing has to be moved sideways to be read (WCAG 2.2, 1.4.10). */
export const fits = (page: Page): Promise<boolean> => page.evaluate<boolean>('document.scrollingElement.scrollWidth <= window.innerWidth');
