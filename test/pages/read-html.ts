/** Just enough of an HTML reader to hold our own pages to the standard: strict about what browsers forgive. */

export interface Tag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Of itself, decoded; without that of elements within it. */
  text: string;
}

export interface ReadPage {
  readonly tags: readonly Tag[];
  /** Elements that are closed without being open, or never closed. */
  readonly unbalanced: readonly string[];
}

const VOID = new Set(['br', 'hr', 'img', 'input', 'link', 'meta']);
const TOKEN = /<!doctype html>|<\/([a-z][a-z0-9]*)>|<([a-z][a-z0-9]*)((?:\s+[a-zA-Z-]+(?:="[^"<]*")?)*)\s*(\/?)>|([^<]+)/gy;
const ATTRIBUTE = /([a-zA-Z-]+)(?:="([^"]*)")?/g;
const ENTITIES: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };

/** @throws Error where something is neither a tag, an attribute nor text: an unescaped `<`, a quote too many */
export function readPage(html: string): ReadPage {
  const tags: Tag[] = [];
  const open: Tag[] = [];
  const unbalanced: string[] = [];
  let end = 0;
  for (const match of html.matchAll(TOKEN)) {
    const [whole, closed, opened, attributes = '', slash, text] = match;
    end = match.index + whole.length;
    const inner = open.at(-1);
    if (text !== undefined && inner) inner.text += decode(text);
    if (closed !== undefined && open.pop()?.name !== closed) unbalanced.push(`</${closed}>`);
    if (opened === undefined) continue;
    const tag = { name: opened, attributes: new Map([...attributes.matchAll(ATTRIBUTE)].map(([, name = '', value = '']) => [name, decode(value)])), text: '' };
    tags.push(tag);
    if (!VOID.has(opened) && slash === '') open.push(tag);
  }
  if (end !== html.length) throw new Error(`no HTML from here: ${html.slice(end, end + 80)}`);
  return { tags, unbalanced: [...unbalanced, ...open.map(({ name }) => `<${name}>`)] };
}

const decode = (text: string): string => text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? entity);
