/** One's own account: who one is here, password, second factor, and where one is signed in. */
import type { Child, JSX } from '#jsx/jsx-runtime';
import { renderPage } from './document.tsx';
import { Form } from './form.tsx';
import type { PageFrame } from './frame.ts';
import { SessionList, type SessionListProps } from './session-list.tsx';

export interface SecondFactorState {
  readonly enrolled: boolean;
  /** By the administrator: then there is no removing it. */
  readonly required: boolean;
  /** A page: set up, or set up on another device. */
  readonly enrolAddress: string;
  /** A page too: it asks for a code first. */
  readonly removeAddress: string;
}

export interface AccountProps extends SessionListProps {
  /** The person's, for showing. */
  readonly name: string;
  readonly userName: string;
  readonly address: string;
  /** Waits for confirmation (S10). */
  readonly pendingAddress?: string | undefined;
  /** The page for it (S10); undefined where it is not for its owner to change. */
  readonly changeAddressAddress?: string;
  /** The page for it; undefined for those who sign in with their own organisation. */
  readonly changePasswordAddress?: string;
  /** Undefined likewise. */
  readonly secondFactor?: SecondFactorState;
  /** Takes `csrf`. */
  readonly signOutAction: string;
}

export function account({ name, userName, address, pendingAddress, changeAddressAddress, changePasswordAddress, secondFactor, signOutAction, ...list }: AccountProps): string {
  const { page } = list;
  const { translate } = page;
  return renderPage({ page, title: translate('page.account'), wide: true, children: (
    <>
      <dl class="facts">
        <Fact term={translate('page.account.name')}>{name}</Fact>
        <Fact term={translate('page.account.userName')}>{userName}</Fact>
        <Fact term={translate('page.account.address')}>{address}</Fact>
        {pendingAddress !== undefined && <Fact term={translate('page.account.pendingAddress')} note={translate('page.account.pendingAddress.note')}>{pendingAddress}</Fact>}
      </dl>
      {changeAddressAddress !== undefined && <p class="actions"><a class="secondary" href={changeAddressAddress}>{translate('page.account.address.change')}</a></p>}
      <Form page={page} action={signOutAction}><button type="submit">{translate('page.signOut')}</button></Form>
      {changePasswordAddress !== undefined && (
        <Section id="password" title={translate('page.password')}>
          <p>{translate('page.account.password.text')}</p>
          <p class="actions"><a class="secondary" href={changePasswordAddress}>{translate('page.password.change')}</a></p>
        </Section>
      )}
      {secondFactor && <Section id="second-factor" title={translate('page.secondFactor')}><SecondFactorPart page={page} {...secondFactor} /></Section>}
      <Section id="sessions" title={translate('page.sessions')}><SessionList {...list} /></Section>
    </>
  ) });
}

function SecondFactorPart({ page, enrolled, required, enrolAddress, removeAddress }: SecondFactorState & { readonly page: PageFrame }): JSX.Element {
  const { translate } = page;
  return (
    <>
      <p>
        <strong class={enrolled ? 'state good' : 'state'}>{translate(enrolled ? 'page.account.secondFactor.on' : 'page.account.secondFactor.off')}</strong>{' '}
        {required && translate('page.account.secondFactor.required')}
      </p>
      <div class="actions">
        <a class="secondary" href={enrolAddress}>{translate(enrolled ? 'page.account.secondFactor.again' : 'page.account.secondFactor.enrol')}</a>
        {enrolled && !required && <a class="secondary" href={removeAddress}>{translate('page.account.secondFactor.remove')}</a>}
      </div>
    </>
  );
}

const Section = ({ id, title, children }: { readonly id: string; readonly title: string; readonly children: Child }): JSX.Element => (
  <section aria-labelledby={id}>
    <h2 id={id}>{title}</h2>
    {children}
  </section>
);

const Fact = ({ term, note, children }: { readonly term: string; readonly note?: string; readonly children: string }): JSX.Element => (
  <div>
    <dt>{term}</dt>
    <dd>
      <bdi>{children}</bdi>
      {note !== undefined && <p class="hint">{note}</p>}
    </dd>
  </div>
);
