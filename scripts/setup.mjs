// What `npm start` and `npm test` need before they can run, on a machine with nothing but Node: packages, a mongod, and with
// --build the compiled server. It has no dependencies, is quiet when nothing is to be done, and says one line per thing it does.
import { installPackages } from './setup/packages.mjs';
import { findMongod } from './setup/mongod.mjs';
import { build } from './setup/build.mjs';
import { linkCommand } from './setup/command.mjs';
import { SetupError, withLock } from './setup/support.mjs';

const say = (line) => console.error(`set-up: ${line}`);
const building = process.argv.includes('--build');
// Only a start can do without an embedded MongoDB: the tests always run on one of their own.
const databaseGiven = process.env.npm_lifecycle_event === 'prestart' && Boolean(process.env.MONGODB_URI || process.env.MONGODB_URI_FILE);

try {
  await installPackages({ say, withLock });
  linkCommand();
  if (!databaseGiven) await findMongod({ say, withLock });
  if (building) await build({ say, withLock });
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
