/**
 * Every screen of the menu, and those behind a user, a group, a company, a portal and a connection, in three languages, narrow and wide, light
 * and dark: axe finds nothing serious, and nothing has to be moved sideways. The names in them would be scripts, were they not escaped.
 */
import t from 'tap';
import type { Page } from 'playwright-core';
import { severeFindings } from '../browser/axe.ts';
import { DESK, fits, PHONE, screenshotPath } from '../browser/chromium.ts';
import { LANGUAGES } from '../../src/policy.ts';
import { MENU, PLACES } from '../../src/http/console/menu.ts';
import { importsOf } from '../accounts/imports.ts';
import { companyWorld } from './company-world.ts';
import { startDesk } from './desk.ts';

const draws = process.env['ROLLCALL_SCREENSHOTS'] === '1';
const site = await startDesk(t, import.meta.url);
const HOSTILE = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "'-alert(1)-'", '{{constructor.constructor("alert(1)")()}}', '<svg/onload=alert(1)>'];
const [script = '', image = '', quote = '', template = '', svg = ''] = HOSTILE;

const somebody = await site.person({ name: { givenName: script, familyName: image }, displayName: quote, title: template, roles: [{ value: svg }], preferredLanguage: 'nl' });
const group = await site.group(image, { members: [somebody] });
const world = await companyWorld(site);
const [company, portal] = [await world.company(svg), await world.portal(script)];
const { client } = await site.makeClient(site.tenants.own, { scopes: ['users:read'] });
const other = await site.somebody({ name: { givenName: script, familyName: image } });
const imports = importsOf(site);
const imported = String((await imports.checked(`${script};${svg};E-mail\n${script};${svg};${quote}\n`, 'matchby=email')).id);

const screens = [
  ...PLACES.map((place) => MENU[place].path),
  '/console/users/new', ...['', '/edit', '/password', '/email', '/deactivate', '/delete', '/group'].map((act) => `/console/users/${somebody.id}${act}`),
  '/console/groups/new', `/console/groups/${group}`, '/console/groups/rights', `/console/companies/${company}`, `/console/portals/${portal}`, '/console/connections/new', `/console/connections/${client}`,
  '/console/imports/new', `/console/imports/${imported}`, `/console/imports/${imported}/columns`, `/console/merge?one=${somebody.id}&two=${other.id}`, `/console/merge/confirm?one=${somebody.id}&two=${other.id}`,
];

/** Colours are the same in every language, widths are not. */
async function faultsOf(page: Page, path: string, schemes: readonly ('light' | 'dark')[]): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const viewport of [PHONE, DESK]) {
    await page.setViewportSize(viewport);
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme });
      const here = `${viewport.width} px, ${colorScheme}`;
      faults.push(...(await severeFindings(page)).map((finding) => `${here}: ${finding}`));
      if (!(await fits(page))) faults.push(`${here}: wider than the window`);
      if (draws) await page.screenshot({ path: screenshotPath(`console ${path.replace(/[0-9a-f-]{36}/g, 'one')} ${here}`), fullPage: true });
    }
  }
  return faults;
}

for (const language of LANGUAGES) {
  t.test(`every screen in ${language}`, async (t) => {
    const page = await site.desk(t);
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    for (const path of screens) {
      const answer = await page.goto(`${path}${path.includes('?') ? '&' : '?'}lang=${language}`);
      t.equal(answer?.status(), 200, path);
      t.equal(await page.evaluate('document.documentElement.lang'), language);
      t.ok(Buffer.byteLength(await answer?.text() ?? '') < 150_000, `${path} is light`);
      t.same(await faultsOf(page, `${language} ${path}`, language === 'nl' ? ['light', 'dark'] : ['light']), [], `${language} ${path}`);
    }
    t.same(dialogs, [], 'no name was run');
  });
}
