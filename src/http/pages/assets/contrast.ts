/** Colours and how well they can be told apart: WCAG 2.2, "relative luminance" and "contrast ratio". */
export type Rgb = readonly [red: number, green: number, blue: number];

export const BLACK: Rgb = [0, 0, 0];
export const WHITE: Rgb = [255, 255, 255];

/** So fine that neighbouring steps look the same, and few enough to try one by one. */
const STEPS = 100;

/** @param hex `#rrggbb`; @throws TypeError for anything else: a colour ends up in a stylesheet, where no escaping helps */
export function rgbOf(hex: string): Rgb {
  if (!/^#[0-9a-f]{6}$/i.test(hex)) throw new TypeError('a colour is written #rrggbb');
  const channel = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16);
  return [channel(1), channel(3), channel(5)];
}

export const hexOf = (color: Rgb): string => `#${color.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;

/** @returns from 1, the same colour, to 21, black and white */
export function contrast(one: Rgb, other: Rgb): number {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return ((lighter ?? 0) + 0.05) / ((darker ?? 0) + 0.05);
}

/** @param share of `other`, 0 to 1 */
export function mix(color: Rgb, other: Rgb, share: number): Rgb {
  const channel = (at: 0 | 1 | 2) => Math.round(color[at] + (other[at] - color[at]) * share);
  return [channel(0), channel(1), channel(2)];
}

/** Black or white, whichever is easier to read on `color`: never less than 4.58, where both are equal. */
export const inkOn = (color: Rgb): Rgb => (contrast(color, BLACK) > contrast(color, WHITE) ? BLACK : WHITE);

/**
 * The colour nearest to `color` that is legible on every one of the surfaces, which are all light or all dark.
 * @param least the contrast that it needs with each
 */
export function legibleOn(surfaces: readonly [Rgb, ...Rgb[]], color: Rgb, least: number): Rgb {
  const away = inkOn(surfaces[0]);
  for (let step = 0; step < STEPS; step += 1) {
    const candidate = mix(color, away, step / STEPS);
    if (surfaces.every((surface) => contrast(surface, candidate) >= least)) return candidate;
  }
  return away;
}

function luminance(color: Rgb): number {
  const [red, green, blue] = [linear(color[0]), linear(color[1]), linear(color[2])];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function linear(channel: number): number {
  const share = channel / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}
