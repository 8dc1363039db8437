/** Every view once with each of its states, over values that a test chooses. */
import { loadAssets, assetAddresses } from '../../src/http/pages/assets.ts';
import { account } from '../../src/http/pages/views/account.tsx';
import { addressConfirmed, changeAddress, confirmAddress } from '../../src/http/pages/views/address.tsx';
import { pageFrame } from '../../src/http/pages/views/frame.ts';
import { linkInvalid } from '../../src/http/pages/views/link-invalid.tsx';
import { message, statusMessage } from '../../src/http/pages/views/message.tsx';
import { choosePassword, CURRENT_WRONG, passwordSet } from '../../src/http/pages/views/password.tsx';
import { passwordRules } from '../../src/http/pages/views/password-rules.tsx';
import { recoveryCodes, secondFactor, secondFactorBegin, secondFactorEnrol } from '../../src/http/pages/views/second-factor.tsx';
import { forgot, forgotSent, signIn } from '../../src/http/pages/views/sign-in.tsx';
import { LANGUAGES, policyOf, type Language } from '../../src/policy.ts';

export interface SampleValues {
  readonly language: Language;
  readonly color: string;
  readonly organisation: string;
  readonly contact: string;
  /** Of people: names, addresses, portals. */
  readonly text: string;
  readonly csrf: string;
}

export const QUIET_VALUES: SampleValues = { language: 'en', color: '#1f5f8b', organisation: 'Gemeente Voorbeeld', contact: 'the service desk, 088 123 45 67', text: 'jan.vandenberg@example.com', csrf: 'c0ffee' };

export const assets = loadAssets();

/** A drawing like that of a code; no scanner reads it. */
const qr = Array.from({ length: 33 }, (_row, y) => Array.from({ length: 33 }, (_cell, x) => (x * 7 + y * 13 + ((x * y) % 5)) % 3 === 0));
const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0';
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';

/** @returns the HTML of each, by the name of its view and its state */
export function samples(values: SampleValues): Readonly<Record<string, string>> {
  const { language, color, organisation, contact, text, csrf } = values;
  const languages = LANGUAGES.map((one) => ({ language: one, address: `/pages/here?language=${one}` }));
  const page = pageFrame({ language, languages, organisation, contact, color, csrf, assets: assetAddresses(assets, '', color) });
  const policy = policyOf({ passwordClasses: 3, passwordHistory: 5 });
  const rules = (...broken: string[]) => ({ broken, rules: passwordRules({ policy, words: [text, organisation], broken }, page) });
  const password = { page, action: '/pages/password', token: text, needsCurrent: false, name: text };
  const session = { created: new Date('2026-11-20T08:00:00Z'), lastSeen: new Date('2026-11-21T13:30:00Z'), current: false };
  const sessions = [
    { ...session, id: '1', agent: FIREFOX, current: true },
    { ...session, id: '2', agent: IPHONE },
    { ...session, id: '3', agent: text },
    { ...session, id: '4', agent: IPHONE, application: text },
  ];
  const secondFactorState = { enrolled: true, required: false, enrolAddress: '/pages/second-factor/enrol', removeAddress: '/pages/second-factor/remove' };
  const owner = {
    page, name: text, userName: text, address: text, sessions, timeZone: 'Europe/Amsterdam', endAction: '/pages/sessions/end', endAllAction: '/pages/sessions/end-all',
    changePasswordAddress: '/pages/password', changeAddressAddress: '/pages/address', secondFactor: secondFactorState, signOutAction: '/pages/sign-out',
  };
  const entry = { page, action: '/pages/sign-in', name: '', next: text, forgotAddress: '/pages/forgot' };
  return {
    'signIn': signIn(entry),
    'signIn-refused': signIn({ ...entry, name: text, error: 'refused', portal: text }),
    'signIn-throttled': signIn({ ...entry, name: text, error: 'throttled' }),
    'forgot': forgot({ page, action: '/pages/forgot', name: text, portal: text }),
    'forgotSent': forgotSent({ page, signInAddress: '/pages/sign-in' }),
    'choosePassword-activate': choosePassword({ ...password, ...rules(), purpose: 'activate' }),
    'choosePassword-reset': choosePassword({ ...password, ...rules('length', 'ownWords', 'control'), purpose: 'reset' }),
    'choosePassword-renew': choosePassword({ ...password, ...rules(CURRENT_WRONG), purpose: 'renew', needsCurrent: true }),
    'choosePassword-change': choosePassword({ ...password, ...rules(CURRENT_WRONG, 'common'), purpose: 'change', needsCurrent: true }),
    'passwordSet-activate': passwordSet({ page, purpose: 'activate', signInAddress: '/pages/sign-in' }),
    'passwordSet-reset': passwordSet({ page, purpose: 'reset', signInAddress: '/pages/sign-in', unlocked: true }),
    'passwordSet-renew': passwordSet({ page, purpose: 'renew', signInAddress: '/pages/sign-in' }),
    'passwordSet-change': passwordSet({ page, purpose: 'change', signInAddress: '/pages/account' }),
    'linkInvalid-expired': linkInvalid({ page, purpose: 'activate', reason: 'expired' }),
    'linkInvalid-used': linkInvalid({ page, purpose: 'reset', reason: 'used', askAgainAddress: '/pages/forgot', signInAddress: '/pages/sign-in' }),
    'linkInvalid-unknown': linkInvalid({ page, purpose: 'address', reason: 'unknown', whatToDo: text }),
    'secondFactor': secondFactor({ page, action: '/pages/second-factor' }),
    'secondFactor-refused': secondFactor({ page, action: '/pages/second-factor', error: 'refused' }),
    'secondFactorBegin': secondFactorBegin({ page, action: '/pages/second-factor/begin' }),
    'secondFactorBegin-wrong': secondFactorBegin({ page, action: '/pages/second-factor/begin', isWrong: true }),
    'secondFactorEnrol': secondFactorEnrol({ page, action: '/pages/second-factor/enrol', qr, secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' }),
    'secondFactorEnrol-throttled': secondFactorEnrol({ page, action: '/pages/second-factor/enrol', qr, secret: 'JBSW Y3DP <&"\'>', error: 'throttled' }),
    'recoveryCodes': recoveryCodes({ page, codes: [text.slice(0, 9), ...Array.from({ length: 9 }, (_code, at) => `k7tm-${at}x4q-9bzr`)], continueAddress: '/pages/account' }),
    'confirmAddress': confirmAddress({ page, action: '/pages/address', newAddress: text, token: text }),
    'addressConfirmed': addressConfirmed({ page, signInAddress: '/pages/sign-in' }),
    'account': account({ ...owner, pendingAddress: text }),
    'account-required': account({ ...owner, secondFactor: { ...secondFactorState, enrolled: false, required: true } }),
    'changeAddress': changeAddress({ page, action: '/pages/address', address: '' }),
    'changeAddress-taken': changeAddress({ page, action: '/pages/address', address: text, error: 'taken' }),
    'changeAddress-current': changeAddress({ page, action: '/pages/address', address: text, error: 'current' }),
    'message': message({ page, title: text, text, link: { address: '/pages/sign-in', text } }),
    'statusMessage-404': statusMessage({ page, status: 404 }),
    'statusMessage-503': statusMessage({ page, status: 503, link: { address: '/pages/sign-in', text } }),
  };
}
