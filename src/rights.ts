/** Rights of people and of the clients that act for them, beside the scopes of SCIM (`users:read`, ...): workflows.md, "right". */

export const RIGHTS = ['users.manage', 'externalUsers.manage', 'portalUsers.manage', 'admin.grant', 'audit.read', 'clients.manage'] as const;
export type Right = (typeof RIGHTS)[number];

export const isRight = (name: string): name is Right => RIGHTS.some((right) => right === name);

/** `*` stands for every scope of SCIM, those of resource types that are added later too, but for no right. */
export const covers = (held: ReadonlySet<string>, scope: string) => held.has(scope) || (held.has('*') && !isRight(scope));
