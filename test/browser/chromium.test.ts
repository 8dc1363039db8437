/** That the browser of these tests sees what it is to look for. */
import t from 'tap';
import { severeFindings } from './axe.ts';
import { allNoted, fits, PHONE, startChromium } from './chromium.ts';

// Nobody answers there: every page is made here.
const ORIGIN = 'http://rollcall.test';
const POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'";
const { create } = await startChromium(t, ORIGIN);
const { page, faults } = await create({ viewport: PHONE });
await page.context().route(`${ORIGIN}/**`, (route) => route.fulfill({ status: 404 }));

async function show(body: string, status = 200): Promise<readonly string[]> {
  faults.splice(0);
  const html = `<!doctype html><html lang="nl"><head><title>Een</title><meta name="viewport" content="width=device-width"></head><body><main><h1>Een</h1>${body}</main></body></html>`;
  await page.route(`${ORIGIN}/`, (route) => route.fulfill({ status, contentType: 'text/html; charset=utf-8', headers: { 'content-security-policy': POLICY }, body: html }), { times: 1 });
  await page.goto(`${ORIGIN}/`);
  await allNoted(page);
  return faults;
}

t.test('a page without a fault', async (t) => {
  t.same(await show('<p>Alles is in orde.</p>'), []);
  t.same([await severeFindings(page), await fits(page)], [[], true]);
  t.same(await show('<p>Dat mag niet.</p>', 403), [], 'a refusal is no fault of a page');
  t.match(await show('<p>Er ging iets mis.</p>', 500), [/^status 500/]);
});

for (const [what, body, note] of [
  ['an inline script', '<script>document.title = "x"</script>', /Content Security Policy/],
  ['an inline style', '<p style="color: red">rood</p>', /Content Security Policy/],
  ['a handler', '<p onclick="alert(1)">klik</p>', /Content Security Policy/],
  ['something of another server', '<img alt="" src="http://127.0.0.2:9/x.png">', /Content Security Policy|another server/],
  ['something that is not there', '<img alt="" src="/missing.png">', /^status 404 \(.*missing\.png\)$/],
] as const) t.test(`${what} is noted`, async (t) => t.match((await show(body)).join('\n'), note));

t.test('an error of a script is noted, and what the console warns of', async (t) => {
  await show('');
  await page.evaluate("setTimeout(() => { throw new Error('broken') }); console.error('said so'); console.warn('and so'); console.log('not this')");
  await page.evaluate('new Promise((resolve) => setTimeout(resolve))');
  t.match([...faults].sort(), [/^Error: broken/, /^and so/, /^said so/]);
  t.equal(faults.length, 3);
});

t.test('axe finds what is serious', async (t) => {
  await show('<p>Naam</p><input type="text">');
  t.match((await severeFindings(page)).join('\n'), /^label \(critical\)/m);
  // The policy keeps inline styles away, so the page is changed afterwards.
  await page.evaluate("document.querySelector('p').style.color = '#ccc'");
  t.match((await severeFindings(page)).join('\n'), /^color-contrast \(serious\)/m);
});

t.test('what is wider than the window does not fit', async (t) => {
  await show(`<p>${'\u00a0W'.repeat(200)}</p>`);
  t.notOk(await fits(page));
});
