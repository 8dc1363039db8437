/** Any colour of a tenant gives pages that can be read, WCAG 2.2 AA; the other files that pages load. */
import t from 'tap';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { assetAddresses, loadAssets, themeAsset } from '../../src/http/pages/assets.ts';
import { contrast, rgbOf } from '../../src/http/pages/assets/contrast.ts';
import { accentOf, SURFACES, themeCss } from '../../src/http/pages/assets/theme.ts';

/** The same 200 in every run. */
const random = Array.from({ length: 200 }, (_color, at) => `#${createHash('sha256').update(`colour ${at}`).digest('hex').slice(0, 6)}`);
const colors = [...random, '#000000', '#ffffff', '#777777', '#ffff00', '#0000ff', '#00ff00', '#ff0000'];
const assets = loadAssets();
const base = readFileSync(new URL('../../src/http/pages/assets/base.css', import.meta.url), 'utf8');
const [light = '', dark = ''] = base.split('@media (prefers-color-scheme: dark)');
const variable = (css: string, name: string) => rgbOf(new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(css)?.[1] ?? '');

t.test('contrast is that of WCAG', async (t) => {
  t.equal(contrast(rgbOf('#000000'), rgbOf('#ffffff')), 21);
  t.equal(contrast(rgbOf('#123456'), rgbOf('#123456')), 1);
  t.equal(contrast(rgbOf('#777777'), rgbOf('#ffffff')).toFixed(2), '4.48', 'the well-known grey that just fails');
});

t.test('the accent can be read on every surface, and text on buttons', async (t) => {
  const poor = colors.flatMap((color) => (['light', 'dark'] as const).flatMap((scheme) => {
    const { accent, fill, hover, ink } = accentOf(color, scheme);
    const surfaces = Object.values(SURFACES[scheme]).map((surface) => contrast(rgbOf(surface), accent));
    return Math.min(...surfaces, contrast(ink, fill), contrast(ink, hover)) >= 4.5 ? [] : [`${color} ${scheme}`];
  }));
  t.strictSame(poor, []);
});

t.test('a colour that is legible already stays as it is', async (t) => t.strictSame(accentOf('#1f5f8b', 'light').accent, rgbOf('#1f5f8b')));

t.test('base.css', async (t) => {
  for (const [scheme, css] of [['light', light], ['dark', dark]] as const) {
    for (const [name, color] of Object.entries(SURFACES[scheme])) t.strictSame(variable(css, name), rgbOf(color), `has the surface ${name}, ${scheme}`);
    for (const name of ['text', 'quiet', 'danger', 'good', 'accent']) {
      const worst = Math.min(...Object.values(SURFACES[scheme]).map((surface) => contrast(rgbOf(surface), variable(css, name))));
      t.ok(worst >= 4.5, `${name} can be read, ${scheme}`);
    }
    t.ok(contrast(variable(css, 'danger'), variable(css, 'danger-tint')) >= 4.5, `errors can be read, ${scheme}`);
    t.ok(contrast(variable(css, 'edge'), variable(css, 'card')) >= 3, `the edge of a field can be seen, ${scheme}`);
  }
});

t.test('a theme is found by its address alone', async (t) => {
  const { theme } = assetAddresses(assets, '/rollcall', '#1F5F8B');
  t.equal(theme, '/rollcall/assets/theme-1f5f8b.css');
  t.equal(themeAsset('/assets/theme-1f5f8b.css')?.body, themeCss('#1f5f8b'));
  for (const path of ['/assets/theme-1f5f8b.css/..', '/assets/theme-1F5F8B.css', '/assets/theme-fff.css', '/assets/theme-1f5f8b}.css', '/assets/']) t.equal(themeAsset(path), undefined, path);
  for (const color of ['red', '#fff', '#1f5f8b; }', '1f5f8b']) t.throws(() => themeCss(color), TypeError, color);
});

t.test('files are named by what is in them, and load nothing', async (t) => {
  for (const { path, body, hash, type } of [assets.stylesheet, assets.script]) {
    t.equal(hash, createHash('sha256').update(body).digest('hex'), path);
    t.ok(path.includes(hash.slice(0, 12)));
    t.match(type, /; charset=utf-8$/);
    t.notMatch(body, /url\(|@import|https?:|innerHTML|eval\(/);
  }
});
