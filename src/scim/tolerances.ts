/**
 * Everything that Rollcall accepts from a client beyond the RFCs, in one list. Each entry is a switch of the provisioning client, on by
 * default; the preset `strict` turns all of them off. What goes out is always as the RFC says. Behaviour that clients need and the RFCs
 * allow anyway (case-insensitive names, member added twice, ...) is no tolerance and cannot be switched off; `docs/clients.md` lists both.
 */

export interface Tolerance {
  readonly name: string;
  /** The ids under which the behaviour was observed; the tests in `test/idp/` carry them. */
  readonly quirks: readonly string[];
  readonly clients: string;
  readonly accepts: string;
  /** Whether a strict reading of RFC 7643/7644 asks for another answer, or only repairs what the client got wrong. */
  readonly bendsRfc: boolean;
}

export const TOLERANCES = [
  { name: 'operationCase', quirks: ['Q01'], clients: 'Entra ID without aadOptscim062020', accepts: '"op": "Add", "Replace", "Remove"', bendsRfc: false },
  { name: 'patchWithoutSchemas', quirks: ['Q03'], clients: 'Okta, test suites', accepts: 'a PATCH body without "schemas"', bendsRfc: true },
  { name: 'dottedKeys', quirks: ['Q05'], clients: 'Entra ID with aadOptscim062020', accepts: 'keys that are paths in a PATCH value without path', bendsRfc: false },
  { name: 'readOnlyEcho', quirks: ['Q06'], clients: 'Okta group push, authentik', accepts: 'read-only attributes in a PATCH value without path; they are dropped', bendsRfc: true },
  { name: 'booleanText', quirks: ['Q07', 'Q10'], clients: 'Entra ID without aadOptscim062020, its validator', accepts: '"True" and "False" for booleans, in filters too', bendsRfc: false },
  { name: 'createOnReplace', quirks: ['Q08'], clients: 'Entra ID and its validator', accepts: 'replace of emails[type eq "work"].value where there is none: the element is made', bendsRfc: true },
  { name: 'removeByValue', quirks: ['Q11', 'Q13b'], clients: 'Entra ID, JumpCloud, authentik, OneLogin, Salesforce', accepts: 'a value on remove: only the listed elements go', bendsRfc: true },
  { name: 'nullPath', quirks: ['Q13'], clients: 'serialisers that write unset members', accepts: '"path": null', bendsRfc: false },
  { name: 'bareReference', quirks: ['Q16'], clients: 'Entra ID', accepts: 'manager as text or as a list of one', bendsRfc: false },
  { name: 'unqualifiedExtension', quirks: ['Q16'], clients: 'Entra ID', accepts: 'an extension\'s attribute without its URN in PATCH paths and filters, where only one has it', bendsRfc: false },
  { name: 'emptyReference', quirks: ['Q17'], clients: 'Entra ID validator', accepts: '"value": "" to unassign a reference', bendsRfc: true },
  { name: 'packedValue', quirks: ['Q18'], clients: 'Entra ID AppRoleAssignmentsComplex', accepts: 'a JSON object written as text in "value"', bendsRfc: true },
  { name: 'dotAfterUrn', quirks: ['Q19'], clients: 'old Entra ID, Microsoft\'s Postman collection', accepts: 'urn:...:User.manager for urn:...:User:manager', bendsRfc: false },
  { name: 'unknownAttributes', quirks: ['Q20', 'Q22'], clients: 'Entra ID, HR systems', accepts: 'attributes that no schema has; they are ignored', bendsRfc: false },
  { name: 'foreignSchemas', quirks: ['Q21'], clients: 'Entra ID, Google Workspace', accepts: 'URNs in "schemas" that are not ours; they are ignored', bendsRfc: true },
  { name: 'withoutSchemas', quirks: ['Q22'], clients: 'DummyIDP, early authentik', accepts: 'POST and PUT bodies without "schemas"', bendsRfc: true },
  { name: 'anyJsonType', quirks: ['Q28'], clients: 'DummyIDP', accepts: 'a JSON body sent as text/plain or without a type', bendsRfc: false },
  { name: 'bareFilterValue', quirks: ['Q32'], clients: 'authentik, PingFederate, Microsoft\'s documentation', accepts: 'filter text without quotes, in single quotes, or without the blank before it', bendsRfc: true },
  { name: 'attributeAfterValuePath', quirks: ['Q33'], clients: 'Entra ID with work e-mail as matching attribute', accepts: 'emails[type eq "work"].value eq "x" as a filter', bendsRfc: false },
  { name: 'complexAsValue', quirks: ['Q34'], clients: 'PingFederate, Entra ID reference checks', accepts: 'manager eq "id" for manager.value eq "id"', bendsRfc: false },
  { name: 'bracketsInProjection', quirks: ['Q39'], clients: 'Microsoft\'s Postman collection', accepts: 'attributes=emails[type eq "work"]', bendsRfc: false },
  { name: 'memberOperations', quirks: ['Q48'], clients: 'authentik', accepts: 'one PATCH operation per member, up to 1,000 in a request', bendsRfc: false },
  { name: 'bareMember', quirks: ['Q54'], clients: 'Okta, Microsoft\'s Postman collection', accepts: 'an element of a multi-valued attribute as bare text', bendsRfc: false },
  { name: 'uniqueGroupNames', quirks: ['Q55'], clients: 'Entra ID and its validator', accepts: '409 for a second group of the same name, which Entra expects', bendsRfc: false },
  { name: 'numberAsText', quirks: ['Q57'], clients: 'Okta entitlements, SailPoint, HR systems', accepts: 'numbers where the schema says string', bendsRfc: false },
  { name: 'singleForMany', quirks: ['Q58'], clients: 'OneLogin templates', accepts: 'one object for a multi-valued attribute', bendsRfc: false },
  { name: 'manyPrimaries', quirks: ['Q60'], clients: 'PingOne', accepts: 'several elements with "primary": true; the first keeps it', bendsRfc: true },
] as const satisfies readonly Tolerance[];

export type ToleranceName = (typeof TOLERANCES)[number]['name'];

/** The tolerances of one request: which may be used, and which were, for the provisioning log. */
export class Tolerances {
  private readonly enabled: ReadonlySet<ToleranceName>;
  private readonly used = new Set<ToleranceName>();

  constructor(enabled: Iterable<ToleranceName>) {
    this.enabled = new Set(enabled);
  }

  /** Asked exactly where the input departs from the RFC: true lets it pass, and notes that it was needed. */
  use(name: ToleranceName): boolean {
    if (!this.enabled.has(name)) return false;
    this.used.add(name);
    return true;
  }

  /** Whether something is let pass that no request shows: nothing is noted. */
  allows(name: ToleranceName): boolean {
    return this.enabled.has(name);
  }

  get applied(): readonly ToleranceName[] {
    return [...this.used];
  }
}

export const ALL_TOLERANCES: readonly ToleranceName[] = TOLERANCES.map(({ name }) => name);

export const isToleranceName = (name: string): name is ToleranceName => ALL_TOLERANCES.some((known) => known === name);

export const defaultTolerances = () => new Tolerances(ALL_TOLERANCES);
export const strictTolerances = () => new Tolerances([]);
