/** A mail as plain text. */
import type { Block, Sheet } from './sheet.ts';

/** Links stand alone on their lines, whole: mail programs make them clickable, and nothing is glued to them. */
export function textOf({ blocks, footer }: Sheet): string {
  // "-- " begins a signature: RFC 3676 section 4.3.
  return [...blocks.map(blockText), `-- \n${footer.join('\n')}`].join('\n\n').concat('\n');
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return block.text;
    case 'list':
      return block.items.map((item) => `- ${item}`).join('\n');
    case 'action':
      return `${block.label}:\n${block.link}`;
  }
}
