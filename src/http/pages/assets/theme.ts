/**
 * A tenant's colour as a stylesheet. The colour itself fills buttons, with black or white on it; where it has to be read or seen as a line, on
 * the page or on a card, it is darkened or lightened until WCAG 2.2 AA holds (1.4.3). Any colour works, white and black included.
 */
import { hexOf, inkOn, legibleOn, mix, rgbOf, type Rgb } from './contrast.ts';

/** What the accent lies on. base.css has the same values, as --page, --card and --tint; a test compares them. */
export const SURFACES = {
  light: { page: '#f4f4f0', card: '#ffffff', tint: '#f0f0ea' },
  dark: { page: '#121416', card: '#1b1e21', tint: '#262a2e' },
} as const;

/** Text of any size, 1.4.3; more than the 3 that lines need, 1.4.11. */
const LEAST = 4.5;
/** How far a button under the pointer moves away from the ink on it: so its text only gets easier to read. */
const HOVER = 0.14;

export interface Accent {
  /** Links, lines and the focus ring. */
  readonly accent: Rgb;
  readonly fill: Rgb;
  readonly hover: Rgb;
  /** Text on `fill` and on `hover`. */
  readonly ink: Rgb;
}

export function accentOf(color: string, scheme: keyof typeof SURFACES): Accent {
  const { page, card, tint } = SURFACES[scheme];
  const fill = rgbOf(color);
  const ink = inkOn(fill);
  return { accent: legibleOn([rgbOf(card), rgbOf(page), rgbOf(tint)], fill, LEAST), fill, hover: mix(fill, inkOn(ink), HOVER), ink };
}

/** @param color `#rrggbb`; @throws TypeError */
export function themeCss(color: string): string {
  return `:root { ${declarations(accentOf(color, 'light'))} }
@media (prefers-color-scheme: dark) {
  :root { ${declarations(accentOf(color, 'dark'))} }
}
`;
}

const declarations = ({ accent, fill, hover, ink }: Accent): string =>
  `--accent: ${hexOf(accent)}; --fill: ${hexOf(fill)}; --fill-hover: ${hexOf(hover)}; --ink: ${hexOf(ink)};`;
