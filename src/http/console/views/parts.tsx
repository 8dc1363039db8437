/** What screens are made of: panels, facts, statuses, tables' feet, empty lists. */
import type { Child, JSX } from '#jsx/jsx-runtime';
import type { Status } from '../../../accounts/facts.ts';
import type { ConsoleFrame } from './frame.ts';

interface Named {
  readonly id: string;
  readonly title: string;
  readonly children: Child;
}

export const Panel = ({ id, title, children, actions }: Named & { readonly actions?: Child }): JSX.Element => (
  <section class="panel" aria-labelledby={id}>
    <div class="panel-head">
      <h2 id={id}>{title}</h2>
      {actions}
    </div>
    {children}
  </section>
);

export const Facts = ({ children }: { readonly children: Child }): JSX.Element => <dl class="facts">{children}</dl>;

/** Nothing to say is a dash, read out as "none". */
export const Fact = ({ term, page, note, children }: { readonly term: string; readonly page: ConsoleFrame; readonly note?: string | undefined; readonly children?: Child }): JSX.Element => (
  <div>
    <dt>{term}</dt>
    <dd>{isNothing(children) ? <Nothing page={page} /> : <><bdi>{children}</bdi>{note !== undefined && <> <span class="quiet">({note})</span></>}</>}</dd>
  </div>
);

const isNothing = (child: Child) => child === undefined || child === null || child === '' || (Array.isArray(child) && child.length === 0);
export const Nothing = ({ page }: { readonly page: ConsoleFrame }): JSX.Element => <span class="quiet"><span aria-hidden="true">–</span><span class="unseen">{page.translate('console.none')}</span></span>;

/** By its word first: colour and sign only help. */
export const StatusChip = ({ page, status }: { readonly page: ConsoleFrame; readonly status: Status }): JSX.Element => (
  <span class={`chip ${status}`}>{page.translate(`console.status.${status}`)}</span>
);

/** J7: the yellow lock beside the name. */
export const Lock = ({ page }: { readonly page: ConsoleFrame }): JSX.Element => (
  <svg viewBox="0 0 16 16" class="lock" role="img" aria-label={page.translate('console.status.locked')}>
    <path d="M4 7V5a4 4 0 0 1 8 0v2h1v8H3V7zm2 0h4V5a2 2 0 0 0-4 0z" />
  </svg>
);

/** What a list without anybody says: why, and what to do about it. */
export const Empty = ({ title, children }: { readonly title: string; readonly children?: Child }): JSX.Element => (
  <div class="empty">
    <p class="empty-title">{title}</p>
    {children}
  </div>
);

export interface PagerProps {
  readonly page: ConsoleFrame;
  /** The next page's address. */
  readonly next: string | undefined;
  /** The first page's; undefined on it. */
  readonly first: string | undefined;
  readonly children?: Child;
}

/** Pages go forward; back is the browser's own button, or the start. */
export const Pager = ({ page, next, first, children }: PagerProps): JSX.Element | null => (
  next === undefined && first === undefined && children === undefined ? null : (
    <nav class="pager" aria-label={page.translate('console.pages')}>
      {children}
      <span class="pager-links">
        {first !== undefined && <a class="secondary" href={first}>{page.translate('console.pages.first')}</a>}
        {next !== undefined && <a class="secondary" href={next} rel="next">{page.translate('console.pages.next')}</a>}
      </span>
    </nav>
  )
);

/** Before something happens that ends something: what it does, the way back first. */
export const Warning = ({ children }: { readonly children: Child }): JSX.Element => <div class="warning">{children}</div>;
