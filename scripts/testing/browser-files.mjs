/** The tests in test/browser and test/console need a Chromium, which npm does not bring: without one they are left out, and that is said, never passed over. */
import { existsSync } from 'node:fs';
import { dirname, sep } from 'node:path';

export const CHROMIUM = '/usr/bin/chromium';
const FOLDERS = ['test/browser', 'test/console'];

/**
 * @param files paths from the root of the repository
 * @param options whether there is a Chromium, and whether this is a build server, where it has to be
 * @returns the files that can be run; where some were left out what to say of it, and how many failures that is
 */
export function runnable(files, { hasChromium = existsSync(CHROMIUM), isCi = process.env.CI === 'true' } = {}) {
  const left = hasChromium ? [] : files.filter(isInBrowser);
  if (left.length === 0) return { files, line: undefined, failed: 0 };
  const line = `the browser tests were NOT run (${left.length} files in ${FOLDERS.join(' and ')}): ${CHROMIUM} is missing; with it (apt-get install chromium) npm test runs them${isCi ? ', and with CI=true it must be there' : ''}`;
  return { files: files.filter((file) => !isInBrowser(file)), line, failed: isCi ? 1 : 0 };
}

const isInBrowser = (file) => FOLDERS.includes(dirname(file).split(sep).join('/'));
