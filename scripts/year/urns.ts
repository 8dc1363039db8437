/** What requests name. */
export { USER, ACCOUNT } from '../storms/place.ts';
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
export const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
