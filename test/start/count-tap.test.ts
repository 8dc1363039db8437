import t from 'tap';

// npm test's last line rests on this count, so it is held to what tap is known to write.
const file = new URL('../../scripts/testing/count-tap.mjs', import.meta.url).href;
const { countTap } = (await import(file)) as { countTap: (text: string) => { passed: number; failed: number; skipped: number } };

const rows: [string, string[], [number, number, number]][] = [
  ['points without subtests', ['ok 1 - a', 'not ok 2 - b', 'ok 3'], [2, 1, 0]],
  ['a summary is no assertion', ['# Subtest: a', '    ok 1 - x', '    ok 2 - y', '    1..2', 'ok 1 - a # time=1ms'], [2, 0, 0]],
  ['a failure counts once, not once per level', ['# Subtest: f', '    # Subtest: a', '        not ok 1 - x', '    not ok 1 - a', 'not ok 1 - f'], [0, 1, 0]],
  ['a summary that fails alone counts', ['# Subtest: f', '    ok 1 - x', '    1..1', 'not ok 1 - f # time=1ms'], [1, 1, 0]],
  ['a file without tests', ['# Subtest: f', '    1..0 # no tests found', 'not ok 1 - f'], [0, 1, 0]],
  ['a buffered subtest', ['ok 1 - a {', '    ok 1 - x', '    not ok 2 - y # TODO later', '}', 'not ok 2 - b {', '    1..0', '}'], [1, 1, 1]],
  ['skipped and to do', ['ok 1 - a # SKIP no reason', 'not ok 2 - b # TODO', 'ok 3 - c \\# SKIP is its name'], [1, 0, 2]],
  ['what a diagnostic quotes', ['not ok 1 - a', '  ---', '  found: |', '    ok 1 - quoted', '    not ok 2 - quoted', '  ...', 'ok 2 - b'], [1, 1, 0]],
];
for (const [name, lines, [passed, failed, skipped]] of rows) t.same(countTap(lines.join('\n')), { passed, failed, skipped }, name);
