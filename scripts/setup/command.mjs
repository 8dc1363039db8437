// node_modules/.bin/rollcall, so that the command of this clone is found by its name alone, and none from a registry in its place.
import { lstatSync, mkdirSync, readlinkSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './support.mjs';

const TARGET = join('..', '..', 'scripts', 'rollcall.mjs');
const link = join(root, 'node_modules', '.bin', 'rollcall');

export function linkCommand() {
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() && readlinkSync(link) === TARGET) return;
  mkdirSync(join(link, '..'), { recursive: true });
  // Renamed into its place: two set-ups at once may both make it.
  const draft = `${link}.${process.pid}`;
  symlinkSync(TARGET, draft);
  renameSync(draft, link);
}
