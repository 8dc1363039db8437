/** What pages need of HTML and mails do not: the drawing of a code, focus without a script, and hints for what is typed. */
import type { Child } from '#jsx/jsx-runtime';

declare module '#jsx/jsx-runtime' {
  interface Attributes {
    /** On any element that can have the focus, in all browsers since 2023. */
    readonly autofocus?: boolean | undefined;
    readonly autocapitalize?: 'none' | 'sentences' | undefined;
    readonly spellcheck?: 'true' | 'false' | undefined;
    readonly hreflang?: string | undefined;
  }

  interface Elements {
    readonly bdi: { readonly class?: string; readonly children?: Child };
    readonly svg: { readonly class?: string; readonly viewBox: string; readonly role: 'img'; readonly 'aria-label': string; readonly 'shape-rendering'?: string; readonly children: Child };
    readonly path: { readonly d: string };
    readonly rect: { readonly width: number; readonly height: number; readonly class?: string };
  }
}
