/** The one field above a list; what was searched stands in the address. */
import type { Child, JSX } from '#jsx/jsx-runtime';
import type { ConsoleFrame } from './frame.ts';

export const SearchBox = ({ page, action, label, value, hint, children }: {
  readonly page: ConsoleFrame; readonly action: string; readonly label: string; readonly value: string; readonly hint?: string;
  /** Further fields. */
  readonly children?: Child;
}): JSX.Element => (
  <form method="get" action={action} class="filter" role="search">
    <div class="field">
      <label for="search">{label}</label>
      <input type="search" id="search" name="search" value={value} autocomplete="off" aria-describedby={hint === undefined ? undefined : 'search-hint'} data-search />
      {hint !== undefined && <p class="hint" id="search-hint">{hint}</p>}
    </div>
    {children}
    <button type="submit">{page.translate('console.users.search.submit')}</button>
    {value !== '' && <a class="secondary" href={action}>{page.translate('console.users.search.clear')}</a>}
  </form>
);
