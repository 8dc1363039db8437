/** For an error in the provisioning log: where in the client's own settings to look. Written for who runs the provider, not for us. */
import type { ClientKind } from './client-settings.ts';

interface Hint {
  readonly kinds?: readonly ClientKind[];
  readonly status: number;
  readonly scimType?: string;
  /** Part of the detail. */
  readonly about?: RegExp;
  readonly text: string;
}

/** The first that fits; those for one product stand before those for all. */
const HINTS: readonly Hint[] = [
  { kinds: ['entra'], status: 409, scimType: 'uniqueness', text: 'Entra ID: under Provisioning, Mappings, check which attribute is the matching attribute: the person exists here already and was not found by it.' },
  { kinds: ['entra'], status: 400, scimType: 'invalidPath', text: 'Entra ID: under Provisioning, Mappings, one target attribute does not exist here. Delete that mapping, or correct its name under "Edit attribute list".' },
  { kinds: ['entra'], status: 400, scimType: 'invalidValue', text: 'Entra ID: under Provisioning, Mappings, look at the source or the expression of the attribute that the error names.' },
  { kinds: ['entra'], status: 404, text: 'Entra ID: the object was deleted here. Under Provisioning choose "Restart provisioning" to have it made again.' },
  { kinds: ['okta'], status: 409, scimType: 'uniqueness', text: 'Okta: under Provisioning, Integration, check "Unique identifier field for users"; then import the person and confirm the match.' },
  { kinds: ['okta'], status: 400, scimType: 'invalidPath', text: 'Okta: in the Profile Editor of the application, one attribute has an external name or namespace that does not exist here.' },
  { kinds: ['okta'], status: 400, scimType: 'invalidValue', text: 'Okta: under Provisioning, To App, Attribute Mappings, look at the attribute that the error names.' },
  { kinds: ['okta'], status: 404, text: 'Okta: the person was deleted here. Take the assignment away and assign again.' },
  { kinds: ['authentik'], status: 400, text: 'authentik: look at the property mappings of the SCIM provider; the attribute that the error names comes from one of them.' },
  { kinds: ['google'], status: 400, text: 'Google Workspace: under Apps, Web and mobile apps, Autoprovisioning, Attribute mapping, look at the attribute that the error names.' },
  { status: 401, text: 'The token is wrong, has expired or was revoked: issue a successor and put it where the client keeps its token.' },
  { status: 403, about: /scope/, text: "The client's token lacks a scope: give it to the client here, or take the feature out of its configuration." },
  { status: 403, about: /address/, text: 'The request came from an address that is not among the networks of the client: add it here.' },
  { status: 403, about: /admin\.grant/, text: 'The group gives rights in Rollcall, or holds one that does. Let administrators change it in the console, or take it out of what the client pushes.' },
  { status: 409, about: /administrator/, text: 'It would have left nobody who can give rights. Make somebody else an administrator first.' },
  { status: 409, about: /cannot see/, text: 'The value belongs to somebody whom this client may not see: widen the populations of the client, or change that person in the console.' },
  { status: 409, scimType: 'uniqueness', text: 'Somebody here has this value already. Match on it before creating, or change one of the two.' },
  { status: 400, scimType: 'mutability', text: 'The client tries to write what only Rollcall writes: take the attribute out of its mapping.' },
  { status: 400, scimType: 'invalidFilter', text: 'The client looks people up by an attribute that does not exist here, or with a filter that is none: check its matching attribute.' },
  { status: 413, text: 'The request is larger than the limit that the error names: lower the batch size of the client.' },
  { status: 415, text: 'The client must send application/scim+json or application/json.' },
  { kinds: ['entra'], status: 429, about: /within an hour/, text: 'Entra ID was about to switch off, delete or take out of groups more than it may here. Under Provisioning look at the scoping filters, and under Users and groups at what was unassigned; switch on "Prevent accidental deletion" under Settings too. If it is right, release the client here.' },
  { kinds: ['okta'], status: 429, about: /within an hour/, text: 'Okta was about to switch off or take out of groups more than it may here. Under Assignments and Push Groups look at what was taken away, and at the group rules behind it. If it is right, release the client here.' },
  { status: 429, about: /within an hour/, text: 'The client was about to switch off, delete or take out of groups more than it may. Look at its source first: a filter, a mapping, an export that ended early. If it is right, release the client here, or raise guardChanges, guardShare or guardMembers.' },
  { status: 429, about: /stopped by an administrator/, text: 'An administrator has refused what this client takes away. Put its source right; then release the client here.' },
  { status: 429, text: 'The client is over its limit of requests: it should wait as Retry-After says, or the limit can be raised here.' },
];

export function hintFor(kind: ClientKind, { status, scimType, detail }: { status: number; scimType: string | undefined; detail: string }): string | undefined {
  return HINTS.find((hint) => (hint.kinds?.includes(kind) ?? true) && hint.status === status
    && (hint.scimType === undefined || hint.scimType === scimType) && (hint.about === undefined || hint.about.test(detail)))?.text;
}
