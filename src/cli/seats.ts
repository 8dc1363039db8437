/** `rollcall seats`: the counts by which a tenant is billed, against the people who are there. */
import { POPULATIONS, type Population } from '../store/audience.ts';
import { mendSeats, recountSeats, type Recount } from '../tenancy/seat-recount.ts';
import { addCommand, addGroup, type AddCommands, type Output, type Session } from './command.ts';
import { table } from './lines.ts';
import { tenantNamed } from './tenant.ts';

export const addSeatCommands: AddCommands = (program, { onDatabase }) => {
  const seats = addGroup(program, 'seats', 'The counts of billed and unbilled people, see GET /api/v1/seats.', [
    'rollcall seats recount acme',
    'rollcall seats recount acme --mend',
  ]);
  addCommand(seats, 'recount', 'count the people and compare; where the counts differ, the exit code is 1')
    .argument('<tenant>')
    .option('--mend', 'set the counts right; a correction of today')
    .action(onDatabase(recount));
};

async function recount({ doing }: Session, name: string, { mend = false }: { readonly mend?: boolean }): Promise<Output> {
  const { id } = await tenantNamed(doing, name);
  const found = await recountSeats(doing, id);
  const isMended = found.differs && mend;
  if (isMended) await mendSeats(doing, id, found);
  const { people, kept, differs } = found;
  return { data: { tenant: name, people, kept, differs, mended: isMended }, lines: [...rows(found), '', sentence(name, differs, isMended)], failed: differs };
}

const rows = ({ people, kept }: Recount) => table<Population>(POPULATIONS, {
  population: (one) => one,
  billed: (one) => people[one].billed,
  'kept as billed': (one) => kept[one].billed,
  unbilled: (one) => people[one].unbilled,
  'kept as unbilled': (one) => kept[one].unbilled,
}, '');

function sentence(name: string, differs: boolean, isMended: boolean): string {
  if (!differs) return `The counts of ${name} are right.`;
  return isMended ? `The counts of ${name} were wrong and are set right.` : `The counts of ${name} are wrong: set them right with --mend.`;
}
