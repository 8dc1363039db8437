/** Without a Chromium these tests are left out, said to be, and on a build server a failure. */
import t from 'tap';

const file = new URL('../../scripts/testing/browser-files.mjs', import.meta.url).href;
type Runnable = (files: readonly string[], options: { hasChromium: boolean; isCi: boolean }) => { files: readonly string[]; line: string | undefined; failed: number };
const { runnable } = (await import(file)) as { runnable: Runnable };
const ALL = ['test/accounts/x.test.ts', 'test/browser/one.test.ts', 'test/console/two.test.ts', 'test/browsers.test.ts'];
const OTHERS = ['test/accounts/x.test.ts', 'test/browsers.test.ts'];

for (const isCi of [false, true]) {
  t.test(isCi ? 'on a build server' : 'elsewhere', async (t) => {
    t.same(runnable(ALL, { hasChromium: true, isCi }), { files: ALL, line: undefined, failed: 0 }, 'with a Chromium all are run');
    const without = runnable(ALL, { hasChromium: false, isCi });
    t.same([without.files, without.failed], [OTHERS, isCi ? 1 : 0]);
    t.match(without.line, /^the browser tests were NOT run \(2 files in test\/browser and test\/console\): .*apt-get install chromium/);
    t.notMatch(without.line, /\n/);
    t.equal(without.line?.includes('CI=true'), isCi);
    t.same(runnable(OTHERS, { hasChromium: false, isCi }), { files: OTHERS, line: undefined, failed: 0 }, 'nothing is said where none was asked for');
  });
}
