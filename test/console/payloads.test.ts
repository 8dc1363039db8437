/**
 * What the hostile requests carry as markup, typed into every text field of the console's forms and read back on the list, on the screen and in the
 * form: nothing of it is run. What the policy for content would have stopped is a fault as well: each visitor notes it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { Page } from 'playwright-core';
import { MINUTE } from '../accounts/world.ts';
import { unique } from '../helpers/app.ts';
import { companyWorld } from './company-world.ts';
import { startDesk } from './desk.ts';

const MARKUP = /^["'<]*[<>]+(?:script|svg|img)|^javascript:/;
const LONGEST = 120;

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
const lines = ['hostile.jsonl', 'more.jsonl'].flatMap((file) => readFileSync(join(import.meta.dirname, '..', 'hostile', file), 'utf8').trim().split('\n'));
const payloads = [...new Set(lines.flatMap((line) => textsIn(JSON.parse(line))))].filter((text) => MARKUP.test(text) && text.length <= LONGEST && !/[\r\n]/.test(text));
t.ok(payloads.length >= 6, `${payloads.length} payloads`);

const site = await startDesk(t, import.meta.url);
const world = await companyWorld(site);
const administrator = await site.administrator();
const [group, company, portal, user] = [await site.group('Groep'), await world.company(), await world.portal(), await site.person()];
const contact = await world.contact(company);
const invited = await site.invited();
const { client } = await site.makeClient(site.tenants.own, { scopes: ['users:read'] });
t.beforeEach(() => site.advance(MINUTE));

/** Forms, and where what was typed is read. */
const FORMS: readonly (readonly [string, readonly string[]])[] = [
  ['/console/users/new', ['/console/users']],
  [`/console/users/${user.id}/edit`, [`/console/users/${user.id}`, '/console/users']],
  [`/console/users/${user.id}/email`, [`/console/users/${user.id}`]],
  ['/console/groups/new', ['/console/groups']],
  [`/console/groups/${group}/edit`, [`/console/groups/${group}`, '/console/groups', `/console/users/${user.id}/group`]],
  ['/console/companies/new', ['/console/companies']],
  [`/console/companies/${company}/edit`, [`/console/companies/${company}`, `/console/companies/${company}/external`]],
  [`/console/companies/${company}/external/new`, [`/console/companies/${company}/external`, '/console/external-users']],
  [`/console/companies/${company}/external/${contact.id}/edit`, ['/console/external-users']],
  [`/console/companies/${company}/portal/new`, [`/console/companies/${company}/portal`]],
  ['/console/portals/new', ['/console/portals']],
  [`/console/portals/${portal}/edit`, [`/console/portals/${portal}`, `/console/companies/${company}/portal/new`]],
  ['/console/connections/new', ['/console/connections']],
  [`/console/connections/${client}/settings`, [`/console/connections/${client}`]],
  ['/console/policies/appearance', ['/console/policies', '/console/mails', '/console/groups/rights', '/sign-in']],
  ['/console/policies/passwords', ['/console/policies']],
  ['/console/policies/signIn', ['/console/policies']],
  ['/console/policies/invitations', ['/console/policies', '/console/mails']],
  [`/console/users/${invited.id}/again`, [`/console/users/${invited.id}`, '/console/mailbox']],
];

/** Every field that takes text; addresses stay addresses, so that what stands beside them is saved. */
async function fillAll(page: Page, text: string): Promise<number> {
  const fields = page.getByRole('main').locator('form[method=post]').first().locator('input[type=text]:visible, textarea:visible');
  const count = await fields.count();
  for (let index = 0; index < count; index++) {
    const field = fields.nth(index);
    const name = await field.getAttribute('name');
    if (name === 'timeZone' || (await field.getAttribute('readonly')) !== null) continue;
    const mode = await field.getAttribute('inputmode');
    const rest = name === 'text' ? ' {{link}}' : '';
    await field.fill(mode === 'email' ? `${unique('x')}@people.example` : mode === 'url' ? 'https://people.example/' : text + rest);
  }
  return count;
}

for (const [index, payload] of payloads.entries()) {
  t.test(`typed everywhere: ${JSON.stringify(payload)}`, async (t) => {
    const page = await site.desk(t, administrator);
    const dialogs: string[] = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    const shown = new Set<string>();
    // A fifth of the forms each; the lists show what all of the payloads before have left there.
    for (const [form, screens] of FORMS.filter((_form, at) => at % 5 === index % 5)) {
      await page.goto(form);
      if ((await fillAll(page, payload)) === 0) t.fail(`${form} has no field`);
      await page.getByRole('main').locator('form[method=post]').first().locator('button.primary').click();
      for (const screen of ['', ...screens, form]) {
        if (screen !== '') await page.goto(screen);
        if ((await page.getByRole('main').innerText()).includes(payload)) shown.add(form);
      }
    }
    t.ok(shown.size > 0, 'read as it was typed');
    t.same(dialogs, [], 'nothing was run');
  });
}
