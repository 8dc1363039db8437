/** docs/custom-resource-types.md quotes the files that the tests run with, and names every key of a storage entry. */
import t from 'tap';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deviceRegistry, FOLDER } from './device.ts';

const guide = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'custom-resource-types.md'), 'utf8');
/** Blocks that stand under the name of a file: `name.json` and then the fence. */
const quoted = new Map(Array.from(guide.matchAll(/^`([\w-]+\.json)`:?\n\n```json\n(.*?)^```$/gms), ([, name = '', text = '']) => [name, text]));

t.same([...quoted.keys()].sort(), readdirSync(FOLDER).sort(), 'every file of the example is quoted');
for (const [name, text] of quoted) t.equal(text, readFileSync(join(FOLDER, name), 'utf8'), `${name} is quoted as it is`);

const documented = Array.from(guide.matchAll(/^\| `(\w+)` \|/gm), ([, key]) => key);
t.same(documented.sort(), Object.keys(deviceRegistry().type('Device').storage).sort(), 'the table has the keys that there are');
