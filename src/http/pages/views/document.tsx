/** The page around a view: head, skip link, organisation, languages, errors at the top, whom to ask. */
import { renderToString } from '#jsx/render';
import type { Child, JSX } from '#jsx/jsx-runtime';
import { oneLine } from '../../../mail/line.ts';
import type { Language } from '../../../policy.ts';
import { contactOf, type LanguageChoice, type PageFrame } from './frame.ts';

export interface PageError {
  /** The id of the field that it is about. */
  readonly field: string;
  readonly text: string;
}

interface PageProps {
  readonly page: PageFrame;
  readonly title: string;
  readonly errors?: readonly PageError[];
  /** Two columns' room, for pages with lists. */
  readonly wide?: boolean;
  readonly children: Child;
}

/** Each in itself: whoever cannot read this page finds the one that they can. */
export const OWN_NAMES: Readonly<Record<Language, string>> = { nl: 'Nederlands', nb: 'Norsk', en: 'English' };

/** @returns a whole HTML document, every value in it escaped */
export const renderPage = (props: PageProps): string => `<!doctype html>\n${renderToString(<Document {...props} />)}\n`;

function Document({ page, title, errors = [], wide = false, children }: PageProps): JSX.Element {
  const { language, translate, organisation, assets } = page;
  const heading = errors.length > 0 ? translate('page.title.error', { title }) : title;
  return (
    <html lang={language} dir="ltr">
      <Head page={page} heading={heading} stylesheet={assets.stylesheet} script={assets.script} />
      <body class={wide ? 'wide' : undefined}>
        <a class="skip" href="#main">{translate('page.skip')}</a>
        <header class="head">
          <p class="organisation">
            <span class="mark" aria-hidden="true">{markOf(organisation)}</span>
            <bdi>{organisation}</bdi>
          </p>
          <Languages page={page} />
        </header>
        <main id="main" class="card" tabindex={-1}>
          <h1>{title}</h1>
          <ErrorSummary page={page} errors={errors} />
          {children}
        </main>
        <footer class="foot">
          <p>{translate('page.contact', { contact: contactOf(page) })}</p>
        </footer>
      </body>
    </html>
  );
}

interface HeadProps {
  readonly page: PageFrame;
  readonly heading: string;
  readonly stylesheet: string;
  readonly script: string;
}

/** What browsers are told of a page, of the console's too. */
export const Head = ({ page, heading, stylesheet, script }: HeadProps): JSX.Element => (
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="theme-color" content={page.color} />
    <meta name="robots" content="noindex, nofollow" />
    <title>{oneLine(`${heading} – ${page.organisation}`)}</title>
    <link rel="icon" href={page.assets.icon} type="image/svg+xml" />
    <link rel="stylesheet" href={stylesheet} />
    <link rel="stylesheet" href={page.assets.theme} />
    <script src={script} defer />
  </head>
);

/** The switch between the languages on offer; nothing where there is one alone. */
export function Languages({ page }: { readonly page: PageFrame }): JSX.Element | null {
  if (page.languages.length < 2) return null;
  const link = ({ language, address }: LanguageChoice) => (
    <li>
      <a href={address} lang={language} hreflang={language} aria-current={language === page.language ? 'true' : undefined}>{OWN_NAMES[language]}</a>
    </li>
  );
  return (
    <nav class="languages" aria-label={page.translate('page.language')}>
      <ul>{page.languages.map(link)}</ul>
    </nav>
  );
}

/** It has the focus when the page opens, also without a script: whoever hears the page hears first what went wrong. */
export function ErrorSummary({ page, errors }: { readonly page: PageFrame; readonly errors: readonly PageError[] }): JSX.Element | null {
  if (errors.length === 0) return null;
  return (
    <div class="errors" role="group" aria-labelledby="errors" tabindex={-1} autofocus data-errors>
      <h2 id="errors">{page.translate('page.errors')}</h2>
      <ul>{errors.map(({ field, text }) => <li><a href={`#${field}`}>{text}</a></li>)}</ul>
    </div>
  );
}

/** The first letter or digit of a name, as people count them. */
export function markOf(name: string): string {
  const [first] = /[\p{L}\p{N}]\p{M}*/u.exec(name) ?? ['·'];
  return first.toLocaleUpperCase();
}
