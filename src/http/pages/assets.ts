/**
 * What the pages load: one stylesheet, one script, an icon and the tenant's colours; the console likewise. The names of all but the colours hold a
 * hash of what is in them, so that browsers may keep them for good. The sources lie in assets/, are read once at start, and are sent as they are.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { themeCss } from './assets/theme.ts';
import type { AssetAddresses } from './views/frame.ts';

export interface Asset {
  /** `/assets/pages-0123456789ab.css`; under the path of PUBLIC_URL, if that has one. */
  readonly path: string;
  /** The content type. */
  readonly type: string;
  readonly body: string;
  /** Of `body`, SHA-256 in hexadecimal: fit for ETag. */
  readonly hash: string;
}

export interface PageAssets {
  readonly stylesheet: Asset;
  readonly script: Asset;
  readonly icon: Asset;
  /** What the console loads in place of the first two. */
  readonly console: Asset;
  readonly consoleScript: Asset;
}

/** In the order of the cascade. */
const STYLES = ['base.css', 'form.css', 'account.css'];
const CONSOLE_STYLES = ['base.css', 'form.css', 'console.css', 'console-parts.css'];
const SCRIPT = 'pages.js';
/** A colour of its own name: whatever is asked for beyond these addresses is not there. */
const THEME = /^\/assets\/theme-([0-9a-f]{6})\.css$/;

export function loadAssets(folder = join(import.meta.dirname, 'assets')): PageAssets {
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  return Object.freeze({
    stylesheet: assetOf('pages', 'css', STYLES.map(read).join('\n')),
    script: assetOf('pages', 'js', read(SCRIPT)),
    icon: assetOf('icon', 'svg', read('icon.svg')),
    console: assetOf('console', 'css', CONSOLE_STYLES.map(read).join('\n')),
    consoleScript: assetOf('console', 'js', [SCRIPT, 'console.js'].map(read).join('\n')),
  });
}

/**
 * The stylesheet of a tenant's colour. Its name does not change when its content does, with a later version of Rollcall: let browsers keep it
 * for an hour, not for good.
 * @param path of the request, without the path of PUBLIC_URL
 * @returns undefined where the path is no theme's
 */
export function themeAsset(path: string): Asset | undefined {
  const [, color] = THEME.exec(path) ?? [];
  if (color === undefined) return undefined;
  const body = themeCss(`#${color}`);
  return { path, type: TYPES.css, body, hash: hashOf(body) };
}

/**
 * Where a page finds them.
 * @param base the path of PUBLIC_URL, without a slash at the end
 * @param color `#rrggbb`, the policy's
 */
export function assetAddresses({ stylesheet, script, icon, console, consoleScript }: PageAssets, base: string, color: string): AssetAddresses {
  const theme = `/assets/theme-${color.slice(1).toLowerCase()}.css`;
  if (!THEME.test(theme)) throw new TypeError('a colour is written #rrggbb');
  return { stylesheet: base + stylesheet.path, script: base + script.path, icon: base + icon.path, console: base + console.path, consoleScript: base + consoleScript.path, theme: base + theme };
}

const TYPES = { css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8', svg: 'image/svg+xml' } as const;

function assetOf(name: string, kind: keyof typeof TYPES, body: string): Asset {
  const hash = hashOf(body);
  return Object.freeze({ path: `/assets/${name}-${hash.slice(0, 12)}.${kind}`, type: TYPES[kind], body, hash });
}

const hashOf = (body: string): string => createHash('sha256').update(body).digest('hex');
