/** The two records of one person that become one: each is searched and chosen. */
import type { PeoplePage } from '../../../accounts/people.ts';
import type { PersonView } from '../../../accounts/person-view.ts';
import type { ConsoleFrame } from './frame.ts';
import { addressOf, PATH } from './merge.tsx';
import { Empty } from './parts.tsx';
import { renderScreen } from './shell.tsx';
import { nameIn } from './users.tsx';

export function chooseScreen({ page, first, search, found }: { readonly page: ConsoleFrame; readonly first: PersonView | undefined; readonly search: string; readonly found: PeoplePage | undefined }): string {
  const { translate, base } = page;
  const chosen = first?.stored.id;
  const address = (id: string) => addressOf(page, chosen === undefined ? { one: id } : { one: chosen, two: id });
  return renderScreen({
    page, title: translate('console.menu.merge'), lead: translate('console.merge.lead'),
    children: (
      <>
        <h2>{first ? translate('console.merge.second', { name: `${first.name} (${first.userName})` }) : translate('console.merge.first')}</h2>
        <form method="get" action={base + PATH} class="filter" role="search">
          {chosen !== undefined && <input type="hidden" name="one" value={chosen} />}
          <div class="field">
            <label for="search">{translate('console.users.search')}</label>
            <input type="search" id="search" name="search" value={search} autocomplete="off" data-search />
          </div>
          <button type="submit">{translate('console.users.search.submit')}</button>
          {first && <a class="secondary" href={base + PATH}>{translate('console.merge.again')}</a>}
        </form>
        {found?.people.length === 0 && <Empty title={translate('console.users.empty')} />}
        {found && found.people.length > 0 && (
          <div class="table-room">
            <table>
              <thead><tr><th scope="col">{translate('console.users.name')}</th><th scope="col"><span class="unseen">{translate('console.leavers.act')}</span></th></tr></thead>
              <tbody>
                {found.people.map((person) => (
                  <tr>
                    <th scope="row"><bdi>{nameIn(person)}</bdi><span class="beneath long"><bdi>{person.userName}</bdi></span></th>
                    <td class="amount"><a class="secondary" href={address(person.id)}>{translate('console.merge.choose')}<span class="unseen"> {nameIn(person)} {person.userName}</span></a></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        {found?.cursor !== undefined && <p class="quiet">{translate('console.groups.member.add.more')}</p>}
      </>
    ),
  });
}
