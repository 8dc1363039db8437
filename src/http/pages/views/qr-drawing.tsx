/** A QR code as elements of SVG within the page: the policy for content allows no images from elsewhere. Black on white in both schemes, as scanners want it. */
import type { JSX } from '#jsx/jsx-runtime';

/** Rows of modules, true is black; without the quiet zone around them. */
export type QrModules = readonly (readonly boolean[])[];

/** ISO/IEC 18004: as wide on each side. */
const QUIET_ZONE = 4;

interface QrDrawingProps {
  readonly modules: QrModules;
  readonly label: string;
}

export function QrDrawing({ modules, label }: QrDrawingProps): JSX.Element {
  const size = modules.length + 2 * QUIET_ZONE;
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect width={size} height={size} class="light" />
      <path d={modules.flatMap(runsOf).join('')} />
    </svg>
  );
}

/** Black modules side by side are one rectangle: seams between them would show when the drawing is scaled. */
function runsOf(row: readonly boolean[], y: number): string[] {
  const line = row.map((black) => (black ? '1' : '0')).join('');
  return [...line.matchAll(/1+/g)].map(({ 0: { length }, index }) => `M${index + QUIET_ZONE} ${y + QUIET_ZONE}h${length}v1h-${length}z`);
}
