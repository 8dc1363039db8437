/** What the tests of erasures have in common: the worker's tasks, and looks into every collection. */
import { accountBehaviours } from '../../src/accounts/behaviours.ts';
import { tellOfLeavers as leavers } from '../../src/accounts/leavers.ts';
import { createLog } from '../../src/log.ts';
import { TASKS, type WorkerParts } from '../../src/worker.ts';
import type { World } from './world.ts';

type Place = Pick<World, 'store' | 'clock' | 'database'>;

async function run({ store, clock }: Place, name: string): Promise<void> {
  const task = TASKS.find((one) => one.name === name);
  if (!task) throw new Error(`there is no task ${name}`);
  await task.run({ store, now: () => clock.now } as WorkerParts);
}

/** Tells the managers of those whose leave date is near. */
export async function tellOfLeavers({ store, registry, config, clock }: World): Promise<void> {
  await leavers({ store, registry, config, behaviours: accountBehaviours, now: () => clock.now, log: createLog({ level: 'silent' }) });
}

export const finishErasures = (place: Place) => run(place, 'finish erasures');
export const eraseExpired = (place: Place) => run(place, 'erase hidden people');

export const certificates = ({ database }: Place, person: string) => database.collection('audit').find({ action: 'erase.certificate', 'on.id': person }).toArray();

/** The names of the collections in which a text stands, in whatever document and in whatever case; the neighbour's copies (helpers/neighbour.ts) apart. */
export async function whereIs({ database }: Place, text: string): Promise<readonly string[]> {
  const names = (await database.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name).filter((name) => !name.startsWith('system.'));
  const found = await Promise.all(names.map(async (name) => {
    const documents = await database.collection(name).find({ t: { $ne: 'tenant-neighbour' } }).toArray();
    return JSON.stringify(documents).toLowerCase().includes(text.toLowerCase()) ? [name] : [];
  }));
  return found.flat().toSorted();
}
