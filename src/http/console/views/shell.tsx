/** The frame of every screen: skip link, who and where, the menu, what was just done, and the screen itself. */
import { renderToString } from '#jsx/render';
import type { Child, JSX } from '#jsx/jsx-runtime';
import { ErrorSummary, Head, Languages, markOf, type PageError } from '../../pages/views/document.tsx';
import { Form } from '../../pages/views/form.tsx';
import { GROUPS, MENU, type Place } from '../menu.ts';
import type { ConsoleFrame } from './frame.ts';

export interface Crumb {
  readonly address: string;
  readonly text: string;
}

export interface Fault {
  readonly text: string;
  /** In English, for whoever has to look closer. */
  readonly detail: string;
}

export interface ScreenProps {
  readonly page: ConsoleFrame;
  readonly title: string;
  /** What leads here, the first screen first. */
  readonly crumbs?: readonly Crumb[];
  /** Beside the title: what can be done here. */
  readonly actions?: Child;
  /** Beneath the title, on one line. */
  readonly lead?: Child;
  /** What is wrong with the form: a link to each field. */
  readonly errors?: readonly PageError[];
  /** Why a form was refused that has no field for it. */
  readonly fault?: Fault | undefined;
  readonly children: Child;
}

/** @returns a whole HTML document, every value in it escaped */
export const renderScreen = (props: ScreenProps): string => `<!doctype html>\n${renderToString(<Screen {...props} />)}\n`;

function Screen({ page, title, crumbs = [], actions, lead, errors = [], fault, children }: ScreenProps): JSX.Element {
  const { language, translate, assets } = page;
  const heading = errors.length > 0 || fault ? translate('page.title.error', { title }) : title;
  return (
    <html lang={language} dir="ltr">
      <Head page={page} heading={heading} stylesheet={assets.console} script={assets.consoleScript} />
      <body class="console">
        <a class="skip" href="#main">{translate('page.skip')}</a>
        <Bar page={page} />
        <div class="room">
          <Menu page={page} />
          <main id="main" tabindex={-1}>
            {crumbs.length > 0 && (
              <nav class="crumbs" aria-label={translate('console.crumbs')}>
                <ol>{crumbs.map(({ address, text }) => <li><a href={address}>{text}</a></li>)}</ol>
              </nav>
            )}
            <Done page={page} />
            <div class="head-line">
              <div>
                <h1>{title}</h1>
                {lead !== undefined && <p class="lead">{lead}</p>}
              </div>
              {actions !== undefined && <div class="head-actions">{actions}</div>}
            </div>
            <ErrorSummary page={page} errors={errors} />
            {fault && <Refused page={page} fault={fault} />}
            {children}
          </main>
        </div>
        <Shortcuts page={page} />
      </body>
    </html>
  );
}

const Refused = ({ page: { translate }, fault }: { readonly page: ConsoleFrame; readonly fault: Fault }): JSX.Element => (
  <div class="errors" role="group" aria-labelledby="fault" tabindex={-1} autofocus data-errors>
    <h2 id="fault">{translate('console.fault.title')}</h2>
    <p>{fault.text} {translate('console.fault.text')}</p>
    <details>
      <summary>{translate('console.fault.detail')}</summary>
      <p lang="en">{fault.detail}</p>
    </details>
  </div>
);

function Bar({ page }: { readonly page: ConsoleFrame }): JSX.Element {
  const { translate, organisation, base, name } = page;
  return (
    <header class="bar">
      <button type="button" class="menu-button" popovertarget="menu" aria-label={translate('console.menu')}><Lines page={page} /></button>
      <a class="organisation" href={`${base}/console`}>
        <span class="mark" aria-hidden="true">{markOf(organisation)}</span>
        <bdi>{organisation}</bdi>
      </a>
      <button type="button" class="who" popovertarget="who">
        <bdi>{name}</bdi>
        <span class="unseen">{translate('console.who')}</span>
      </button>
      <div id="who" popover="auto" class="drop">
        <a href={`${base}/account`}>{translate('console.account')}</a>
        <Languages page={page} />
        <Form page={page} action={`${base}/account/sign-out`}><button type="submit">{translate('page.signOut')}</button></Form>
      </div>
    </header>
  );
}

const Lines = ({ page }: { readonly page: ConsoleFrame }): JSX.Element => (
  <svg viewBox="0 0 20 20" class="icon" role="img" aria-label={page.translate('console.menu')}>
    <path d="M2 5h16M2 10h16M2 15h16" />
  </svg>
);

/** On a wide screen it stands beside the screen, on a narrow one it opens. */
function Menu({ page }: { readonly page: ConsoleFrame }): JSX.Element {
  const { translate, base, places, place: here } = page;
  const link = (place: Place) => <li><a href={base + MENU[place].path} aria-current={place === here ? 'page' : undefined}>{translate(`console.menu.${place}`)}</a></li>;
  const groups = GROUPS.map((group) => ({ group, inside: places.filter((place) => MENU[place].group === group) })).filter(({ inside }) => inside.length > 0);
  return (
    <nav id="menu" popover="auto" class="menu" aria-label={translate('console.menu')}>
      {groups.map(({ group, inside }) => (
        <>
          <h2 id={`menu-${group}`}>{translate(`console.menu.group.${group}`)}</h2>
          <ul aria-labelledby={`menu-${group}`}>{inside.map(link)}</ul>
        </>
      ))}
    </nav>
  );
}

/** Has the focus when the page opens: what stands in a live region from the start is not read out by every screen reader, and the next Tab is past the menu. */
function Done({ page: { notice, translate } }: { readonly page: ConsoleFrame }): JSX.Element {
  return <div role="status" class="status">{notice && <p class="done" tabindex={-1} autofocus>{translate(`console.done.${notice.name}`, { about: notice.about })}</p>}</div>;
}

function Shortcuts({ page: { translate } }: { readonly page: ConsoleFrame }): JSX.Element {
  const key = (keys: string, text: string) => <div><dt><kbd>{keys}</kbd></dt><dd>{text}</dd></div>;
  return (
    <dialog id="shortcuts" aria-labelledby="shortcuts-title" popover="auto" class="drop dialog">
      <h2 id="shortcuts-title">{translate('console.keys')}</h2>
      <dl class="keys">
        {key('/', translate('console.keys.search'))}
        {key('?', translate('console.keys.help'))}
        {key('↑ ↓', translate('console.keys.rows'))}
        {key('Esc', translate('console.keys.close'))}
      </dl>
      <button type="button" popovertarget="shortcuts" popovertargetaction="hide">{translate('console.close')}</button>
    </dialog>
  );
}
