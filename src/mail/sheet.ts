/** A letter with everything on it, ready to become text or HTML. All of it is plain text: nothing is escaped yet. */
import type { Language } from '../policy.ts';

export type Block =
  /** Line breaks in it are kept. */
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  /** A button, and below it the link as text for programs that show no buttons. */
  | { readonly kind: 'action'; readonly label: string; readonly link: string };

export interface Sheet {
  readonly subject: string;
  readonly organisation: string;
  readonly color: string;
  readonly language: Language;
  readonly blocks: readonly Block[];
  /** The sentence above a link that is shown as text. */
  readonly bareLink: string;
  readonly footer: readonly string[];
}
