/** The type of `#jsx/render`, which is preact-render-to-string at run time; its own types pull in preact's, and those the globals of browsers. */
import type { JSX } from './jsx-runtime.d.ts';

/** @returns HTML without a doctype; text and attributes are escaped */
export function renderToString(element: JSX.Element): string;
