/** The account rules behind each resource type, registered by `app.ts`. */
import type { Behaviours } from '../resources/behaviours.ts';
import { personBehaviour } from './person.ts';
import { groupRights } from './rights.ts';

export const accountBehaviours: Behaviours = new Map([['User', personBehaviour], ['Group', groupRights]]);
