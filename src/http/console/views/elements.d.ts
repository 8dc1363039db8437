/** What the console needs of HTML beyond the pages: dialogs and menus that open without a script, drawings, and moves of the focus. */
import type { Child } from '#jsx/jsx-runtime';

declare module '#jsx/jsx-runtime' {
  interface Attributes {
    /** All browsers since 2024. */
    readonly popover?: 'auto' | 'manual' | undefined;
    readonly inert?: boolean | undefined;
  }
  interface Control {
    readonly formnovalidate?: boolean | undefined;
    readonly popovertarget?: string | undefined;
    readonly popovertargetaction?: 'show' | 'hide' | 'toggle' | undefined;
  }
  interface Elements {
    readonly g: { readonly class?: string; readonly children?: Child };
    readonly line: { readonly class?: string; readonly x1: number; readonly x2: number; readonly y1: number; readonly y2: number };
    readonly progress: Attributes & { readonly max: number; readonly value: number };
    readonly text: { readonly class?: string; readonly x: number; readonly y: number; readonly children?: Child };
  }
}
