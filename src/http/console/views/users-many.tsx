/** One thing for several users: the question with their names, and what became of each. */
import type { GroupChoice } from '../../../accounts/person-view.ts';
import { Form } from '../../pages/views/form.tsx';
import { Buttons, Input, Select } from './fields.tsx';
import type { ConsoleFrame } from './frame.ts';
import { Empty } from './parts.tsx';
import { renderScreen, type Fault } from './shell.tsx';
import type { Many } from './users.tsx';

export interface Chosen {
  readonly id: string;
  readonly name: string;
}

interface ManyProps {
  readonly page: ConsoleFrame;
  /** The list that they were selected in, without the path of PUBLIC_URL. */
  readonly back: string;
}

export interface QuestionProps extends ManyProps {
  readonly people: readonly Chosen[];
  readonly act: Many | undefined;
  readonly groups: readonly GroupChoice[];
  readonly problem: string | undefined;
}

export function manyQuestion({ page, people, act, groups, back, problem }: QuestionProps): string {
  const { translate, base } = page;
  const crumbs = [{ address: base + back, text: translate('console.menu.users') }];
  if (people.length === 0 || act === undefined) {
    return renderScreen({ page, title: translate('console.many'), crumbs, children: (
      <Empty title={translate(people.length === 0 ? 'console.many.nobody' : 'console.many.choose')}><p><a class="primary" href={base + back}>{translate('console.toList')}</a></p></Empty>
    ) });
  }
  const field = act === 'leaveDate' ? 'leaveDate' : 'group';
  return renderScreen({ page, title: translate(`console.many.${act}`), crumbs, errors: problem === undefined ? [] : [{ field, text: problem }], children: (
    <Form page={page} action={`${base}/console/users/many/run`} class="narrow" hidden={{ act, from: back }}>
      <p>{translate('console.many.question', { count: people.length })}</p>
      <ul>{people.map(({ name }) => <li><bdi>{name}</bdi></li>)}</ul>
      {people.map(({ id }) => <input type="hidden" name="person" value={id} />)}
      {act === 'leaveDate' && <Input name="leaveDate" type="date" label={translate('console.user.leaveDate')} error={problem} required />}
      {act === 'group' && <Select name="group" label={translate('console.user.account.group')} none={translate('console.user.account.group.choose')} choices={groups.map(({ id, name }) => ({ value: id, text: name }))} error={problem} required />}
      <Buttons page={page} save={translate(`console.many.${act}`)} cancel={base + back} danger={act === 'deactivate'} />
    </Form>
  ) });
}

export interface Outcome extends Chosen {
  readonly fault: Fault | undefined;
}

export function manyResult({ page, act, outcomes, back }: ManyProps & { readonly act: Many; readonly outcomes: readonly Outcome[] }): string {
  const { translate, base, number } = page;
  const failed = outcomes.filter(({ fault }) => fault !== undefined).length;
  return renderScreen({
    page, title: translate(`console.many.${act}`), crumbs: [{ address: base + back, text: translate('console.menu.users') }],
    lead: <span role="status">{translate('console.many.summary', { done: number(outcomes.length - failed), failed: number(failed) })}</span>,
    children: (
      <>
        <div class="table-room">
          <table>
            <thead><tr><th scope="col">{translate('console.users.name')}</th><th scope="col">{translate('console.many.result')}</th></tr></thead>
            <tbody>
              {outcomes.map(({ id, name, fault }) => (
                <tr>
                  <th scope="row"><a class="main-link" href={`${base}/console/users/${encodeURIComponent(id)}`}><bdi>{name}</bdi></a></th>
                  <td>
                    <span class={fault ? 'chip bad' : 'chip good'}>{translate(fault ? 'console.many.failed' : 'console.many.done')}</span>
                    {fault && <span class="beneath">{fault.text} <span lang="en">{fault.detail}</span></span>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <p class="actions"><a class="primary" href={base + back}>{translate('console.toList')}</a></p>
      </>
    ),
  });
}
