/** Lines name endpoints, scopes and operations in general, for any server; here they are in the words of this one. */

const SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:';
const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** What a line needs and the server has not got: neither passed nor failed. */
export class NotApplicable extends Error {}

/** Templates of things that Rollcall has not got, or that only a test inside of the process could make. */
export const NOT_YET = [
  [/^console\b/, 'there is no console yet'],
  [/^cursor\w*:old$/, 'no cursor of long ago'],
];

/** Lines name endpoints, scopes and members in general. */
const VOCABULARY = [
  // Scopes belong to a client and not to a token, so that is what is made with them.
  { method: 'POST', path: '{{admin}}/tokens', to: '{{admin}}/clients', json: ({ scopes = [] } = {}) => ({ name: 'minted {{uniq}}', scopes: scopes.map((scope) => SCOPES.get(scope) ?? scope) }) },
  { method: 'POST', path: '{{login}}', to: '{{admin}}/sign-in', json: ({ userName, tenant, ...others }) => ({ ...others, name: userName, tenant: tenantOf(tenant) }) },
  { method: 'POST', path: '{{forgot}}', to: '{{admin}}/recover', json: ({ email, tenant, ...others }) => ({ ...others, name: email, tenant: tenantOf(tenant) }) },
  { method: 'POST', path: '{{activate}}', to: '{{admin}}/password' },
  { method: 'POST', path: '{{reset}}', to: '{{admin}}/password' },
  { method: 'POST', path: '{{emailConfirm}}', to: '{{admin}}/confirm-address' },
  // People change what is theirs on pages, which show their form again where an API would say 400, and lead on where it would say 202.
  { method: 'POST', path: '{{changePassword}}', to: '{{pages}}/account/password', form: ({ current, next }) => ({ current, password: next }) },
  { method: 'POST', path: '{{emailChange}}', to: '{{pages}}/account/address', form: ({ email, password }) => ({ address: email, current: password }) },
  // The text of an invitation is edited for the one that is sent.
  { method: 'PUT', path: '{{admin}}/templates/invitation', to: '{{admin}}/users/{{noneA1}}/invitation', as: 'POST', json: ({ html }) => ({ text: html.replaceAll('{{', '{{!}}') }) },
];
const SCOPES = new Map([['tenants:admin', 'admin.grant'], ['scim:*', '*']]);
const tenantOf = (tenant) => (tenant === 'a' ? '{{tenantA}}' : tenant);

/** The request in the words of this server. */
export function translated(request) {
  const path = request.path?.replace('{{loginForm}}', '{{pages}}/sign-in');
  const found = VOCABULARY.find((word) => word.method === request.method && word.path === path);
  if (!found) return { ...request, path };
  const { contentType, json, ...others } = request;
  if (found.form) return { ...others, path: found.to, form: found.form(json) };
  return { ...others, contentType, method: found.as ?? request.method, path: found.to, json: found.json ? found.json(json) : json };
}

/** What a page answers where a line expects an answer of an API. */
const ON_PAGES = new Map([[400, 422], [409, 422], [202, 303]]);
export const statusesAt = ({ expect: { status }, request: { path } }) => (/^\{\{(?:changePassword|emailChange)\}\}$/.test(path) ? status.map((one) => ON_PAGES.get(one) ?? one) : status);

/** `gen`: pre, n times open, core, n times close, post; or an object of many keys. */
export function generated({ kind, pre = '', open = '', n, core = '', close = '', post = '' }) {
  if (kind === 'manyKeys') return `${pre}${Array.from({ length: n }, (_, index) => `,"k${index}":${index}`).join('')}}`;
  if (kind !== undefined) throw new NotApplicable(`unknown generator ${kind}`);
  return pre + open.repeat(n) + core + close.repeat(n) + post;
}

export function operation(pattern, index) {
  const text = pattern.replaceAll('%d', String(index));
  if (text.startsWith('{')) return JSON.parse(text.replaceAll(/([{,])(\w+):/g, '$1"$2":'));
  if (text === 'POST /Users') return { method: 'POST', path: '/Users', bulkId: `b${index}`, data: { schemas: [`${SCHEMA}User`], userName: `bulk-${index}-{{uniq}}` } };
  if (text === 'PATCH same user') return { method: 'PATCH', path: '/Users/{{userA1}}', data: { schemas: [PATCH_OP], Operations: [{ op: 'replace', path: 'title', value: `t${index}` }] } };
  throw new NotApplicable(`operations in words: ${pattern}`);
}
