/** The folder of the operator's guide, and bodies of what it defines. */
import { fileURLToPath } from 'node:url';
import type { Json } from '../../src/scim/json.ts';
import { loadRegistry } from '../../src/scim/registry.ts';
import { SCHEMAS, unique } from '../helpers/app.ts';

export const FOLDER = fileURLToPath(new URL('../data/custom/device', import.meta.url));
export const DEVICE = 'urn:example:params:scim:schemas:core:2.0:Device';
export const WORKPLACE = 'urn:example:params:scim:schemas:extension:workplace:2.0:User';

export const deviceRegistry = () => loadRegistry(SCHEMAS, FOLDER);
export const deviceBody = (attributes: Record<string, Json> = {}): Json => ({ schemas: [DEVICE], assetTag: unique('tag'), ...attributes });
