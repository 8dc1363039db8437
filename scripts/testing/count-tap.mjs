/**
 * Counts what a run really asserted, in the raw TAP: the points that are no summary of others. A summary that is not ok although
 * nothing in it failed (a crash, a time-out, a file without tests) counts as one failure.
 */
export function countTap(text) {
  const count = { passed: 0, failed: 0, skipped: 0 };
  const summaries = []; // of the subtests that are open: {indent, failedBefore}, and `ok` where the summary came first
  let yaml;
  const failAlone = ({ failedBefore }) => {
    if (count.failed === failedBefore) count.failed += 1;
  };
  for (const line of text.split('\n')) {
    const indent = line.length - line.trimStart().length;
    const content = line.trim();
    if (yaml !== undefined) {
      if (content === '...' && indent === yaml) yaml = undefined;
      continue;
    }
    if (content === '---') {
      yaml = indent;
      continue;
    }
    const last = summaries.at(-1);
    if (content.startsWith('# Subtest:')) {
      summaries.push({ indent, failedBefore: count.failed });
      continue;
    }
    if (content === '}' && last?.indent === indent && last.ok !== undefined) {
      summaries.pop();
      if (!last.ok) failAlone(last);
      continue;
    }
    const point = /^(not )?ok \d+(.*)$/.exec(content);
    if (point === null) continue;
    const [, not, rest] = point;
    const excused = /(?<!\\)# (SKIP|TODO)\b/i.test(rest);
    const ok = not === undefined || excused;
    if (rest.endsWith(' {')) summaries.push({ indent, failedBefore: count.failed, ok });
    else if (last?.indent === indent && last.ok === undefined) {
      summaries.pop();
      if (!ok) failAlone(last);
    } else if (excused) count.skipped += 1;
    else if (ok) count.passed += 1;
    else count.failed += 1;
  }
  return count;
}
