/** People who were deleted and are kept for a while: who they are, until when, and what comes back with them. */
import type { JSX } from '#jsx/jsx-runtime';
import type { HiddenDetail, HiddenView } from '../../../accounts/hidden.ts';
import { Form } from '../../pages/views/form.tsx';
import type { Given } from '../forms.ts';
import { Buttons, Check } from './fields.tsx';
import type { ConsoleFrame } from './frame.ts';
import { Empty, Fact, Facts, Pager, Panel, Warning } from './parts.tsx';
import { renderScreen } from './shell.tsx';

interface HiddenProps {
  readonly page: ConsoleFrame;
  readonly people: readonly HiddenView[];
  /** Of whoever deleted them, by id. */
  readonly names: ReadonlyMap<string, string>;
  readonly next: string | undefined;
  readonly isFirst: boolean;
}

const LIST = '/console/hidden-users';
const nameOf = ({ name, userName }: HiddenView) => name || userName;

export function hiddenScreen(props: HiddenProps): string {
  const { page, people, next, isFirst } = props;
  const { translate, base } = page;
  return renderScreen({
    page, title: translate('console.menu.hidden'), lead: translate('console.hidden.lead'),
    children: (
      <>
        {people.length === 0 ? <Empty title={translate('console.hidden.empty')}><p>{translate('console.hidden.empty.text')}</p></Empty> : (
          <div class="table-room" tabindex={0} role="group" aria-label={translate('console.menu.hidden')}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{translate('console.users.name')}</th>
                  <th scope="col" class="wide-only">{translate('console.hidden.at')}</th>
                  <th scope="col" class="wide-only">{translate('console.hidden.until')}</th>
                  <th scope="col">{translate('console.leavers.act')}</th>
                </tr>
              </thead>
              <tbody>{people.map((person) => <Row {...props} person={person} />)}</tbody>
            </table>
          </div>
        )}
        <Pager page={page} first={isFirst ? undefined : base + LIST} next={next === undefined ? undefined : `${base}${LIST}?${new URLSearchParams({ cursor: next }).toString()}`} />
      </>
    ),
  });
}

function Row({ page, person, names }: HiddenProps & { readonly person: HiddenView }): JSX.Element {
  const { translate, base, moment } = page;
  const { id, userName, hiddenAt, hiddenBy, until } = person;
  const act = (name: 'restore' | 'erase') => (
    <a class="secondary" href={`${base}${LIST}/${encodeURIComponent(id)}/${name}`} aria-label={translate(`console.hidden.${name}.of`, { name: nameOf(person) })}>{translate(`console.hidden.${name}`)}</a>
  );
  return (
    <tr>
      <th scope="row">
        <bdi>{nameOf(person)}</bdi>
        <span class="beneath long"><bdi>{userName}</bdi></span>
        <span class="narrow-only beneath">{translate('console.hidden.until')}: {moment(until)}</span>
      </th>
      <td class="wide-only">
        <time datetime={hiddenAt.toISOString()}>{moment(hiddenAt)}</time>
        <span class="beneath"><bdi>{names.get(hiddenBy.id) ?? hiddenBy.id}</bdi></span>
      </td>
      <td class="wide-only"><time datetime={until.toISOString()}>{moment(until)}</time></td>
      <td><div class="acts-in-line">{act('restore')}{act('erase')}</div></td>
    </tr>
  );
}

interface HiddenActProps {
  readonly page: ConsoleFrame;
  readonly person: HiddenDetail;
  readonly given: Given;
}

export function restoreScreen(props: HiddenActProps): string {
  const { page, person } = props;
  const { translate } = page;
  const { groups, groupsGone } = person;
  return actScreen(props, 'restore', (
    <>
      <p>{translate('console.hidden.restore.text')}</p>
      <Panel id="back" title={translate('console.match.back')}>
        <Facts>
          <Fact page={page} term={translate('console.user.userName')}>{person.userName}</Fact>
          <Fact page={page} term={translate('console.user.email')}>{person.address}</Fact>
          <Fact page={page} term={translate('console.user.groups')} note={groupsGone === 0 ? undefined : translate('console.hidden.restore.gone', { count: groupsGone })}>{groups.join(', ')}</Fact>
        </Facts>
      </Panel>
      <Form page={page} action={`${page.base}${LIST}/${encodeURIComponent(person.id)}/restore`}>
        <Buttons page={page} save={translate('console.hidden.restore')} cancel={page.base + LIST} />
      </Form>
    </>
  ));
}

export function eraseScreen(props: HiddenActProps): string {
  const { page, person, given } = props;
  const { translate } = page;
  return actScreen(props, 'erase', (
    <>
      <Warning><p>{translate('console.hidden.erase.text')}</p></Warning>
      <Form page={page} action={`${page.base}${LIST}/${encodeURIComponent(person.id)}/erase`}>
        <Check name="understood" label={translate('console.hidden.erase.tick', { name: person.userName })} checked={given.ticked('understood')} />
        <Buttons page={page} save={translate('console.hidden.erase')} cancel={page.base + LIST} danger disabledUntil="understood" />
      </Form>
    </>
  ));
}

const actScreen = ({ page, person, given }: HiddenActProps, act: 'restore' | 'erase', children: JSX.Element) => renderScreen({
  page, title: page.translate(`console.hidden.${act}.title`, { name: nameOf(person) }), crumbs: [{ address: page.base + LIST, text: page.translate('console.menu.hidden') }],
  errors: given.problems, fault: given.fault, children: <div class="panels narrow-form">{children}</div>,
});
