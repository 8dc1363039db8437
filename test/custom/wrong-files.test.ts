/** A wrong file stops the start with a sentence that names the file and the place. Each row changes the folder of the guide in one way. */
import t from 'tap';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartError } from '../../src/errors.ts';
import { loadRegistry } from '../../src/scim/registry.ts';
import { SCHEMAS } from '../helpers/app.ts';
import { DEVICE, FOLDER, WORKPLACE } from './device.ts';

// Files are changed as the JSON they are.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Content = any;
type File = 'device.json' | 'workplace.json' | 'resource-types.json' | 'storage.json';
type Row = readonly [name: string, file: File, change: (content: Content) => unknown, ...told: (string | RegExp)[]];

const attribute = (name: string, type = 'string') => ({ name, type, multiValued: false, description: name });
const add = (...attributes: object[]) => (schema: Content) => void schema.attributes.push(...attributes);
const device = (change: (entry: Content) => unknown) => (storage: Content) => change(storage.Device);
const reference = (more: object) => device((entry) => Object.assign(entry.references[0], more));

const ROWS: readonly Row[] = [
  ['a file that is no JSON', 'device.json', () => '{"id": ', 'device.json', 'cannot be read'],
  ['a schema without an id', 'device.json', (schema) => delete schema.id, 'device.json', "'id'"],
  ['an attribute without a type', 'device.json', (schema) => delete schema.attributes[1].type, 'device.json', '/attributes/1', "'type'"],
  ['an unknown type', 'device.json', add(attribute('x', 'text')), 'device.json', '/attributes/12/type'],
  ['an unknown characteristic', 'device.json', add({ ...attribute('x'), unique: true }), 'device.json', '/attributes/12'],
  ['an unknown mutability', 'device.json', add({ ...attribute('x'), mutability: 'never' }), 'device.json', '/attributes/12/mutability'],
  ['a name that does not parse', 'device.json', add(attribute('my tag')), 'device.json', '/attributes/12/name'],
  ['a name with a dot', 'device.json', add(attribute('a.b')), 'device.json', '/attributes/12/name'],
  ['a name that is an operator', 'device.json', add(attribute('$where')), 'device.json', '/attributes/12/name'],
  ['__proto__', 'device.json', add(attribute('__proto__')), 'device.json', '/attributes/12/name'],
  ['constructor', 'device.json', add(attribute('constructor')), 'device.json', '/attributes/12', 'constructor'],
  ['toString', 'device.json', add(attribute('toString')), 'device.json', '/attributes/12', 'toString'],
  ['hasOwnProperty as a sub-attribute', 'device.json', add({ ...attribute('c', 'complex'), subAttributes: [attribute('hasOwnProperty')] }), 'device.json', '/attributes/12/subAttributes/0'],
  ['a common attribute', 'device.json', add(attribute('meta')), 'device.json', '/attributes/12', 'meta'],
  ['the same name twice, in another case', 'device.json', add(attribute('ASSETTAG')), 'device.json', '/attributes/12', 'twice'],
  ['complex without sub-attributes', 'device.json', add(attribute('c', 'complex')), 'device.json', '/attributes/12', "'subAttributes'"],
  ['complex in complex', 'device.json', add({ ...attribute('c', 'complex'), subAttributes: [{ ...attribute('d', 'complex'), subAttributes: [attribute('e')] }] }), 'device.json', '/attributes/12/subAttributes/0', 'complex'],
  ['a value that is kept nowhere', 'device.json', add({ ...attribute('pin'), returned: 'never' }), 'device.json', '/attributes/12', 'pin'],
  ['a schema that we define', 'device.json', (schema) => (schema.id = 'urn:ietf:params:scim:schemas:core:2.0:User'), 'already defined'],
  ['two files with one schema', 'workplace.json', (schema) => (schema.id = DEVICE), DEVICE],

  ['resource types that are no list', 'resource-types.json', () => ({}), 'resource-types.json', 'must be array'],
  ['an endpoint without its slash', 'resource-types.json', ([type]) => (type.endpoint = 'Devices'), 'resource-types.json', '/0/endpoint'],
  ['an endpoint that is taken', 'resource-types.json', ([type]) => (type.endpoint = '/users'), 'resource-types.json', '/users', 'taken'],
  ['an endpoint of the protocol', 'resource-types.json', ([type]) => (type.endpoint = '/Bulk'), 'resource-types.json', '/Bulk', 'taken'],
  ['a schema that no file defines', 'resource-types.json', ([type]) => (type.schema = 'urn:example:none'), 'resource-types.json', 'Device', 'urn:example:none'],
  ['an extension that no file defines', 'resource-types.json', ([type]) => (type.schemaExtensions = [{ schema: 'urn:example:none', required: false }]), 'resource-types.json', 'urn:example:none'],
  ['another endpoint for one of ours', 'resource-types.json', ([, user]) => (user.endpoint = '/People'), 'resource-types.json', 'User'],
  ['the same type twice', 'resource-types.json', (types) => types.push({ ...types[0], endpoint: '/Others' }), /resource-types\.json|storage\.json/, 'Device'],
  ['an extension twice', 'resource-types.json', ([, user]) => user.schemaExtensions.push(user.schemaExtensions[0]), 'resource-types.json', WORKPLACE],

  ['a type without a storage entry', 'storage.json', (storage) => delete storage.Device, 'storage.json', 'Device'],
  ['an entry for an unknown type', 'storage.json', (storage) => (storage.Gadget = { collection: 'gadgets' }), 'storage.json', 'Gadget'],
  ['a search', 'storage.json', device((entry) => (entry.search = { names: ['model'], texts: [], serves: 'nothing' })), 'storage.json', 'Device', 'search'],
  ['an unknown key', 'storage.json', device((entry) => (entry.index = [])), 'storage.json', '/Device', 'additional'],
  ['a collection of ours', 'storage.json', device((entry) => (entry.collection = 'users')), 'storage.json', 'users', 'taken'],
  ['a collection of the server', 'storage.json', device((entry) => (entry.collection = 'audit')), 'storage.json', 'audit', 'taken'],
  ['a collection that cannot be called so', 'storage.json', device((entry) => (entry.collection = 'system.users')), 'storage.json', '/Device/collection'],
  ['no short key for an extension', 'storage.json', (storage) => delete storage.User.extensions, 'storage.json', WORKPLACE],
  ['a short key twice', 'storage.json', (storage) => (storage.User.extensions[WORKPLACE] = 'enterprise'), 'storage.json', 'User', 'short key'],
  ['a short key that is an attribute', 'storage.json', (storage) => (storage.User.extensions[WORKPLACE] = 'title'), 'storage.json', 'title'],
  ['a short key for a schema the type lacks', 'storage.json', device((entry) => (entry.extensions = { 'urn:example:none': 'none' })), 'storage.json', 'urn:example:none'],
  ['an opt-in extension the type lacks', 'storage.json', device((entry) => (entry.optInExtensions = ['urn:example:none'])), 'storage.json', 'urn:example:none'],
  ['an index on nothing', 'storage.json', device((entry) => (entry.indexes[0].path = 'colour')), 'storage.json', 'colour'],
  ['a unique path on nothing', 'storage.json', device((entry) => (entry.unique[0].path = 'colour')), 'storage.json', 'colour'],
  ['an index that does not say what it serves', 'storage.json', device((entry) => delete entry.indexes[0].serves), 'storage.json', '/Device/indexes/0', "'serves'"],
  ['a default for nothing', 'storage.json', device((entry) => (entry.defaults = { colour: 'red' })), 'storage.json', 'colour'],
  ['a default of another type', 'storage.json', device((entry) => (entry.defaults = { managed: 'yes' })), 'storage.json', 'managed'],
  ['nothing that is kept', 'storage.json', device((entry) => (entry.keptWhenOmitted = ['colour'])), 'storage.json', 'colour'],
  ['a $ref without a reference', 'storage.json', device((entry) => (entry.references = [])), 'storage.json', 'owner', 'references'],
  ['a reference to an unknown type', 'storage.json', reference({ type: 'Person' }), 'storage.json', 'Person'],
  ['a reference that is not complex', 'storage.json', device((entry) => entry.references.push({ path: 'model', type: 'User', display: 'displayName' })), 'storage.json', 'model'],
  ['a reference that is multi-valued', 'storage.json', device((entry) => entry.references.push({ path: 'interfaces', type: 'User', display: 'displayName' })), 'storage.json', 'interfaces'],
  ['a display that its target lacks', 'storage.json', reference({ display: 'nick' }), 'storage.json', 'nick'],
  ['members in a type of its own', 'storage.json', device((entry) => (entry.edges = { labels: 'members' })), 'storage.json', 'edges'],
];

const folder = mkdtempSync(join(tmpdir(), 'rollcall-custom-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));

/** @returns what the start is refused with */
function refusal(change: () => void): unknown {
  cpSync(FOLDER, folder, { recursive: true });
  change();
  try {
    loadRegistry(SCHEMAS, folder);
    return undefined;
  } catch (error) {
    return error;
  }
}

function rewrite(file: File, change: (content: Content) => unknown): void {
  const content = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const result = change(content);
  const isWhole = typeof result === 'string' ? result.startsWith('{') : file === 'resource-types.json' && typeof result === 'object' && !Array.isArray(result);
  writeFileSync(join(folder, file), typeof result === 'string' && isWhole ? result : JSON.stringify(isWhole ? result : content));
}

t.equal(refusal(() => undefined), undefined, 'the folder as it is is right');
for (const [name, file, change, ...told] of ROWS) {
  t.test(name, async (t) => {
    const error = refusal(() => rewrite(file, change));
    t.equal(error instanceof StartError, true, `refused: ${String(error)}`);
    for (const part of told) t.match(error instanceof Error ? error.message : '', part);
  });
}

t.test('a folder that is not there', async (t) => {
  t.throws(() => loadRegistry(SCHEMAS, join(folder, 'none')), new StartError(`The folder ${join(folder, 'none')} does not exist: set SCHEMAS_DIR to the one with your schemas, or leave it out.`));
});
