/** What every page must be, whichever view made it: valid, labelled, with a csrf token in every form, and nothing inline. */
import { readPage, type Tag } from './read-html.ts';

const value = (tag: Tag, name: string) => tag.attributes.get(name);
const REFERENCES = ['for', 'aria-describedby', 'aria-labelledby', 'aria-controls'];

/** @returns what is wrong with the page; nothing for a good one */
export function pageFaults(html: string, language: string): string[] {
  const { tags, unbalanced } = readPage(html);
  const named = (name: string) => tags.filter((tag) => tag.name === name);
  const shown = named('input').filter((tag) => value(tag, 'type') !== 'hidden');
  const labelled = named('label').map((tag) => value(tag, 'for'));
  const ids = tags.flatMap((tag) => value(tag, 'id') ?? []);
  const references = tags.flatMap((tag) => REFERENCES.flatMap((name) => value(tag, name)?.split(' ') ?? []));
  const anchors = named('a').flatMap((tag) => /^#(.+)/.exec(value(tag, 'href') ?? '')?.[1] ?? []);
  const inline = ({ attributes }: Tag) => [...attributes.keys()].some((name) => name === 'style' || name.startsWith('on'));

  const checks: Readonly<Record<string, boolean>> = {
    'no doctype': html.startsWith('<!doctype html>\n<html'),
    [`not closed or not open: ${unbalanced.join(' ')}`]: unbalanced.length === 0,
    'another language': named('html').map((tag) => value(tag, 'lang')).join() === language,
    'not one h1': named('h1').length === 1,
    'not one main': named('main').length === 1,
    'no title': named('title').map(({ text }) => text).join() !== '',
    'an id twice': new Set(ids).size === ids.length,
    'a reference to nothing': [...references, ...anchors].every((id) => ids.includes(id)),
    'a field without a label': shown.every((tag) => labelled.includes(value(tag, 'id'))),
    'a field that does not say what it is for': shown.every((tag) => Boolean(value(tag, 'autocomplete'))),
    'a password sent back': shown.every((tag) => value(tag, 'type') !== 'password' || !tag.attributes.has('value')),
    'a form without csrf': named('input').filter((tag) => value(tag, 'name') === 'csrf' && value(tag, 'value') !== '').length === named('form').length,
    'a form that does not post': named('form').every((tag) => value(tag, 'method') === 'post' && value(tag, 'action')?.startsWith('/')),
    'an inline style or a handler': named('style').length === 0 && !tags.some(inline),
    'an inline script': named('script').every((tag) => value(tag, 'src')?.includes('/assets/') && tag.text === ''),
    'something from elsewhere': !/(?:src|href)="(?:data|javascript|https?):/i.test(html),
    'a value that is none': !/undefined|\[object/.test(html),
  };
  return Object.entries(checks).filter(([, fine]) => !fine).map(([fault]) => fault);
}
