/**
 * Every view of the hosted pages with each of its states, in three languages, narrow and wide, light and dark: axe finds nothing serious, and
 * nothing has to be moved sideways. The journeys have axe look at the real pages that they come by.
 */
import fastify, { type FastifyReply } from 'fastify';
import t from 'tap';
import type { Page } from 'playwright-core';
import { themeAsset, type Asset } from '../../src/http/pages/assets.ts';
import { sendPage } from '../../src/http/pages/frame.ts';
import { LANGUAGES } from '../../src/policy.ts';
import { assets, QUIET_VALUES, samples } from '../pages/samples.ts';
import { bringAxe, severeFindings } from './axe.ts';
import { DESK, fits, PHONE, screenshotPath, startChromium } from './chromium.ts';

const views = new Map(LANGUAGES.map((language) => [language as string, new Map(Object.entries(samples({ ...QUIET_VALUES, language })))]));
const { create } = await startChromium(t, await startServer());
/** ROLLCALL_SCREENSHOTS=1 draws all of them into build/screenshots. */
const draws = process.env['ROLLCALL_SCREENSHOTS'] === '1';

/** Sends views as pages are sent, with their headers and what they load. */
async function startServer(): Promise<string> {
  const app = fastify();
  const send = (reply: FastifyReply, asset: Asset | undefined) => (asset ? reply.type(asset.type).send(asset.body) : reply.callNotFound());
  for (const asset of [assets.stylesheet, assets.script, assets.icon]) app.get(asset.path, (_request, reply) => send(reply, asset));
  app.get('/assets/*', ({ url }, reply) => send(reply, themeAsset(url)));
  app.get<{ Params: { language: string; view: string } }>('/views/:language/:view', ({ params: { language, view } }, reply) => sendPage(reply, views.get(language)?.get(view) ?? ''));
  t.teardown(() => app.close());
  return app.listen({ host: '127.0.0.1', port: 0 });
}

/** In every width and scheme. */
async function faultsOf(page: Page, name: string): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const viewport of [PHONE, DESK]) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const here = `${viewport.width} px, ${colorScheme}`;
      faults.push(...(await severeFindings(page)).map((finding) => `${here}: ${finding}`));
      if (!(await fits(page))) faults.push(`${here}: wider than the window`);
      if (draws) await page.screenshot({ path: screenshotPath(`${name} ${here}`), fullPage: true });
    }
  }
  return faults;
}

const { page, faults: noted } = await create({});
await bringAxe(page);

for (const [language, ofLanguage] of views) {
  t.test(`every view in ${language}`, async (t) => {
    t.ok(ofLanguage.size > 25);
    for (const view of ofLanguage.keys()) {
      await page.goto(`/views/${language}/${view}`);
      t.equal(await page.evaluate('document.documentElement.lang'), language);
      t.same(await faultsOf(page, `${language} ${view}`), [], view);
    }
    t.same(noted, []);
  });
}
