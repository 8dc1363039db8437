/** The account rules behind each resource type, registered by `app.ts`. */
import type { Behaviours } from '../resources/behaviours.ts';
import { personBehaviour } from './person.ts';
import { companyBehaviour, portalBehaviour } from './closing.ts';
import { groupBehaviour } from './group.ts';
import { roleBehaviour } from './roles.ts';

export const accountBehaviours: Behaviours = new Map([
  ['User', personBehaviour],
  ['Group', groupBehaviour],
  ['Company', companyBehaviour],
  ['Portal', portalBehaviour],
  ['Role', roleBehaviour],
]);
