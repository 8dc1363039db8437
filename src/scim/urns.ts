/** The names that the RFCs give to schemas and messages (RFC 7643 section 10, RFC 7644 section 8.2). */

const core = (name: string) => `urn:ietf:params:scim:schemas:core:2.0:${name}`;
const message = (name: string) => `urn:ietf:params:scim:api:messages:2.0:${name}`;

export const SCHEMA = {
  user: core('User'),
  group: core('Group'),
  enterpriseUser: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  serviceProviderConfig: core('ServiceProviderConfig'),
  resourceType: core('ResourceType'),
  schema: core('Schema'),
} as const;

export const MESSAGE = {
  listResponse: message('ListResponse'),
  searchRequest: message('SearchRequest'),
  patchOp: message('PatchOp'),
  bulkRequest: message('BulkRequest'),
  bulkResponse: message('BulkResponse'),
  error: message('Error'),
} as const;

/** What the members of a group may do in Rollcall (workflows.md, "right"). */
export const RIGHTS_EXTENSION = 'urn:ietf:params:scim:schemas:extension:rollcallRights:2.0:Group';
/** What a contact person of a company is as an external user. */
export const EXTERNAL_EXTENSION = 'urn:ietf:params:scim:schemas:extension:rollcallExternal:2.0:User';
/** The portals of a person. */
export const PORTAL_EXTENSION = 'urn:ietf:params:scim:schemas:extension:rollcallPortal:2.0:User';
/** The portal that the members of a group have access to. */
export const PORTAL_GROUP_EXTENSION = 'urn:ietf:params:scim:schemas:extension:rollcallPortal:2.0:Group';
/** The login of a person. */
export const ACCOUNT_EXTENSION = 'urn:ietf:params:scim:schemas:extension:rollcallAccount:2.0:User';
