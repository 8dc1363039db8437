/** The questions before an import is run, and before it is deleted. */
import type { Child } from '#jsx/jsx-runtime';
import type { ImportView } from '../../../accounts/import.ts';
import { Form } from '../../pages/views/form.tsx';
import type { Given } from '../forms.ts';
import { Buttons } from './fields.tsx';
import type { ConsoleFrame } from './frame.ts';
import { addressOfImport, crumbToImports, nameOfImport } from './imports.tsx';
import { Fact, Facts, Warning } from './parts.tsx';
import { renderScreen } from './shell.tsx';

interface QuestionProps {
  readonly page: ConsoleFrame;
  readonly found: ImportView;
  readonly given: Given;
}

const question = ({ page, found, given }: QuestionProps, title: string, children: Child) =>
  renderScreen({ page, title, crumbs: [crumbToImports(page), { address: addressOfImport(page, found), text: nameOfImport(page, found) }], errors: given.problems, fault: given.fault, children });

export function runImportScreen(props: QuestionProps): string {
  const { page, found } = props;
  const { translate, number } = page;
  const own = addressOfImport(page, found);
  const { create, change, same, refuse } = found.planned;
  return question(props, translate('console.import.run.title'), (
    <Form page={page} action={`${own}/run`} class="narrow">
      <p>{translate('console.import.run.text')}</p>
      <Facts>
        <Fact page={page} term={translate('console.import.count.create')}>{number(create)}</Fact>
        <Fact page={page} term={translate('console.import.count.change')}>{number(change)}</Fact>
        <Fact page={page} term={translate('console.import.count.same')}>{number(same)}</Fact>
        <Fact page={page} term={translate('console.import.count.refuse')}>{number(refuse)}</Fact>
      </Facts>
      {refuse > 0 && <p class="advice">{translate('console.import.run.refused', { count: refuse })}</p>}
      <Buttons page={page} save={translate(found.begun ? 'console.import.goOn' : 'console.import.run')} cancel={own} />
    </Form>
  ));
}

export function deleteImportScreen(props: QuestionProps): string {
  const { page, found } = props;
  const { translate } = page;
  const own = addressOfImport(page, found);
  return question(props, translate('console.import.delete.title'), (
    <Form page={page} action={`${own}/delete`} class="narrow">
      <Warning><p>{translate('console.import.delete.text')}</p></Warning>
      <Buttons page={page} save={translate('console.import.delete')} cancel={own} danger />
    </Form>
  ));
}
