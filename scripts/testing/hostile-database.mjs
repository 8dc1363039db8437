/** What hostile lines may not change, read from the database itself: everything after a refusal, and another tenant's documents always. */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

/** The worker folds them, whatever anybody asks: who is billed stands in the people themselves. */
const FOLDED = ['seatDeltas', 'seats', 'seatDays'];
/** Written behind the answers, and by refusals too: what a guard has reserved for one is given back, and a zero stays. */
const BEHIND = new Set(['audit', 'traces', 'provisioning', 'sweeps', 'tokens', 'guards', 'keys', 'system', ...FOLDED]);
const SETTLED_WITHIN_MS = 60_000;

/** @param db of the MongoDB driver */
export function observe(db, { tenantB, settled }) {
  const state = async () => {
    const names = (await namesOf(db)).filter((name) => !BEHIND.has(name));
    const { collections } = await db.command({ dbHash: 1, collections: names });
    const hashes = Object.entries(collections).map(([name, hash]) => `${name} ${hash}`);
    return [...hashes.sort(), `tokens ${await db.collection('tokens').countDocuments({})}`];
  };
  const tenant = () => documentsOf(db, tenantB);
  return {
    state,
    tenant,
    /** What is stored of a person's login, but for when somebody tried it last: it must be the same byte by byte. */
    credential: async (person) => JSON.stringify(await db.collection('credentials').findOne({ _id: person }, { projection: { tried: 0, lastSignIn: 0 } })),
    /** Makes a link or a session older than it is. @param fields that tell of it */
    age: async (collection, token, seconds, ...fields) => {
      const older = Object.fromEntries(fields.map((field) => [field, { $subtract: [`$${field}`, seconds * 1000] }]));
      await db.collection(collection).updateOne({ _id: createHash('sha256').update(token).digest('hex') }, [{ $set: older }]);
    },
    /** How many refusals the audit log knows of. */
    refusals: async () => {
      const [sum] = await db.collection('audit').aggregate([{ $match: { _id: /^refusal-/ } }, { $group: { _id: null, times: { $sum: { $ifNull: ['$times', 1] } } } }]).toArray();
      return sum?.times ?? 0;
    },
    /** The groups that give a right to anybody. */
    rights: async () => JSON.stringify(await db.collection('groups').find({ 'a.rights.rights': { $exists: true } }, { projection: { 'a.rights': 1 }, sort: { _id: 1 } }).toArray()),
    settled: settled ?? (() => untilStable(async () => ((await db.collection('sweeps').countDocuments({})) > 0 ? Math.random() : JSON.stringify([await state(), await tenant()])))),
  };
}

/** One hash for each collection that holds something of the tenant. */
export async function documentsOf(db, tenant) {
  const names = (await namesOf(db)).filter((name) => !FOLDED.includes(name));
  const hashes = await Promise.all(names.map(async (name) => {
    const documents = await db.collection(name).find(name === 'tenants' ? { _id: tenant } : { t: tenant }, { sort: { _id: 1 }, raw: true }).toArray();
    const hash = createHash('sha256');
    for (const document of documents) hash.update(document);
    return documents.length === 0 ? [] : [`${name} ${documents.length} ${hash.digest('hex').slice(0, 16)}`];
  }));
  return hashes.flat();
}

const namesOf = async (db) => (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name).filter((name) => !name.startsWith('system.')).sort();

/** The same three times: what is written behind an answer may wait for its turn. */
async function untilStable(read) {
  const deadline = Date.now() + SETTLED_WITHIN_MS;
  let before = await read();
  for (let same = 0; same < 2 && Date.now() < deadline;) {
    await delay(25);
    const after = await read();
    same = after === before ? same + 1 : 0;
    before = after;
  }
}
