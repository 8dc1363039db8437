/** The screens, in the order of the menu, and the rights of which one opens each. */
import type { Right } from '../../rights.ts';

interface Entry {
  readonly path: string;
  readonly rights: readonly Right[];
  /** The part of the menu that it is in. */
  readonly group: 'people' | 'organisation' | 'connections' | 'settings';
}

export const MENU = {
  users: { path: '/console/users', rights: ['users.manage'], group: 'people' },
  imports: { path: '/console/imports', rights: ['users.manage'], group: 'people' },
  leavers: { path: '/console/leavers', rights: ['users.manage'], group: 'people' },
  matches: { path: '/console/matches', rights: ['users.manage'], group: 'people' },
  merge: { path: '/console/merge', rights: ['users.manage'], group: 'people' },
  hidden: { path: '/console/hidden-users', rights: ['users.manage'], group: 'people' },
  seats: { path: '/console/seats', rights: ['users.manage', 'audit.read'], group: 'people' },
  groups: { path: '/console/groups', rights: ['users.manage'], group: 'organisation' },
  companies: { path: '/console/companies', rights: ['users.manage', 'externalUsers.manage', 'portalUsers.manage'], group: 'organisation' },
  external: { path: '/console/external-users', rights: ['users.manage', 'externalUsers.manage'], group: 'organisation' },
  portals: { path: '/console/portals', rights: ['users.manage', 'portalUsers.manage'], group: 'organisation' },
  connections: { path: '/console/connections', rights: ['clients.manage'], group: 'connections' },
  log: { path: '/console/log', rights: ['clients.manage'], group: 'connections' },
  audit: { path: '/console/audit', rights: ['audit.read'], group: 'settings' },
  review: { path: '/console/access-review', rights: ['users.manage', 'audit.read'], group: 'settings' },
  mails: { path: '/console/mails', rights: ['users.manage'], group: 'settings' },
  mailbox: { path: '/console/mailbox', rights: ['users.manage'], group: 'settings' },
  policies: { path: '/console/policies', rights: ['admin.grant'], group: 'settings' },
  system: { path: '/console/system', rights: ['admin.grant'], group: 'settings' },
} as const satisfies Readonly<Record<string, Entry>>;

export type Place = keyof typeof MENU;
export const PLACES: readonly Place[] = Object.keys(MENU).filter((name): name is Place => name in MENU);
export const GROUPS = ['people', 'organisation', 'connections', 'settings'] as const satisfies readonly Entry['group'][];

export const mayOpen = (place: Place, rights: ReadonlySet<Right>): boolean => MENU[place].rights.some((right) => rights.has(right));
