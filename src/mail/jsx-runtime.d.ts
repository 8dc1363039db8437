/**
 * The types of JSX on a server; at run time `#jsx/jsx-runtime` is preact's (`imports` in package.json). Preact's own types pull the globals of
 * browsers into the whole program, and allow `dangerouslySetInnerHTML`: here every text is escaped, because nothing else compiles.
 */
export type Child = JSX.Element | string | number | boolean | null | undefined | readonly Child[];

interface Attributes {
  readonly id?: string | undefined;
  readonly class?: string | undefined;
  readonly style?: string | Readonly<Record<string, string | number>> | undefined;
  readonly lang?: string | undefined;
  readonly dir?: 'ltr' | 'rtl' | 'auto' | undefined;
  readonly title?: string | undefined;
  readonly role?: string | undefined;
  readonly hidden?: boolean | undefined;
  readonly tabindex?: number | undefined;
  readonly children?: Child;
  readonly [name: `data-${string}` | `aria-${string}`]: string | number | boolean | undefined;
}

interface Control extends Attributes {
  readonly name?: string | undefined;
  readonly value?: string | number | undefined;
  readonly disabled?: boolean | undefined;
  readonly required?: boolean | undefined;
  readonly readonly?: boolean | undefined;
  readonly autofocus?: boolean | undefined;
  readonly autocomplete?: string | undefined;
  readonly form?: string | undefined;
}

interface Cell extends Attributes {
  readonly colspan?: number | undefined;
  readonly rowspan?: number | undefined;
  readonly scope?: 'row' | 'col' | undefined;
  readonly align?: 'left' | 'center' | 'right' | undefined;
  readonly bgcolor?: string | undefined;
}

/** Elements without attributes of their own. */
type Plain =
  | 'abbr' | 'article' | 'aside' | 'b' | 'body' | 'br' | 'caption' | 'code' | 'dd' | 'dialog' | 'div' | 'dl' | 'dt' | 'em' | 'figure' | 'footer' | 'h1' | 'h2' | 'h3'
  | 'h4' | 'head' | 'header' | 'hr' | 'html' | 'i' | 'kbd' | 'legend' | 'li' | 'main' | 'mark' | 'nav' | 'noscript' | 'ol' | 'p' | 'pre' | 'section' | 'small' | 'span'
  | 'strong' | 'summary' | 'sup' | 'tbody' | 'tfoot' | 'thead' | 'tr' | 'ul';

interface Elements extends Readonly<Record<Plain, Attributes>> {
  readonly a: Attributes & { readonly href: string; readonly rel?: string; readonly target?: string; readonly download?: string | boolean };
  readonly button: Control & { readonly type: 'submit' | 'button' | 'reset'; readonly formaction?: string };
  readonly details: Attributes & { readonly open?: boolean };
  readonly fieldset: Control;
  readonly form: Attributes & { readonly method: 'get' | 'post' | 'dialog'; readonly action?: string; readonly enctype?: string; readonly novalidate?: boolean; readonly autocomplete?: string };
  readonly img: Attributes & { readonly src: string; readonly alt: string; readonly width?: number; readonly height?: number };
  readonly input: Control & {
    readonly type: string; readonly checked?: boolean; readonly placeholder?: string; readonly pattern?: string; readonly inputmode?: string;
    readonly minlength?: number; readonly maxlength?: number; readonly min?: string | number; readonly max?: string | number; readonly list?: string; readonly multiple?: boolean; readonly accept?: string;
  };
  readonly label: Attributes & { readonly for?: string };
  readonly link: Attributes & { readonly rel: string; readonly href: string; readonly type?: string };
  readonly meta: Attributes & { readonly name?: string; readonly content?: string; readonly charset?: string; readonly 'http-equiv'?: string };
  readonly optgroup: Attributes & { readonly label: string };
  readonly option: Attributes & { readonly value?: string; readonly selected?: boolean; readonly disabled?: boolean };
  readonly output: Attributes & { readonly for?: string };
  readonly script: { readonly src: string; readonly type?: string; readonly defer?: boolean };
  readonly select: Control & { readonly multiple?: boolean; readonly size?: number };
  readonly style: { readonly children: string };
  readonly table: Attributes & { readonly width?: number | string; readonly border?: number; readonly cellpadding?: number; readonly cellspacing?: number };
  readonly td: Cell;
  readonly textarea: Control & { readonly rows?: number; readonly cols?: number; readonly maxlength?: number; readonly placeholder?: string };
  readonly th: Cell;
  readonly time: Attributes & { readonly datetime: string };
  readonly title: { readonly children: string };
}

export namespace JSX {
  /** Opaque: made by JSX, consumed by `render`. */
  interface Element {
    readonly type: unknown;
    readonly props: unknown;
  }
  type IntrinsicElements = Elements;
  interface IntrinsicAttributes {
    readonly key?: string | number;
  }
  interface ElementChildrenAttribute {
    readonly children: unknown;
  }
}

export function jsx(type: unknown, props: unknown, key?: string): JSX.Element;
export function jsxs(type: unknown, props: unknown, key?: string): JSX.Element;
export function Fragment(props: { readonly children?: Child }): JSX.Element;
