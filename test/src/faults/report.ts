// What is printed: a line for each scenario as it ends, and the two tables, in Markdown.
import type { Goal } from './goals.ts';
import { held, type Result } from './scenario.ts';

/** What was not counted is not zero. */
const count = (value: number) => (Number.isNaN(value) ? '?' : String(value));
const seconds = (value: number | undefined) => (value === undefined ? '' : value.toFixed(1));

export function line(result: Result, naive: boolean): string {
  const zeros = [
    `${result.acknowledged} acknowledged`,
    `lost ${count(result.lostJobs)} jobs, ${count(result.lostWebhooks)} webhooks`,
    `${count(result.duplicateResults)} duplicates`,
    `${count(result.severalIds)} extra ids`,
    `${count(result.orphans)} orphans`,
  ].join(', ');
  const recovery =
    result.recoverySeconds === undefined ? '' : `, normal after ${seconds(result.recoverySeconds)} s`;
  const head = `${verdict(result, naive).padEnd(6)} ${result.name}: ${zeros}${recovery} (${result.seconds.toFixed(0)} s)`;
  const failures = naive ? [] : result.failures.map((failure) => `         ${failure}`);
  const notes = naive ? [] : result.notes.map((note) => `         note: ${note}`);
  const logs = naive || held(result) ? [] : [`         logs: ${result.logFolder}`];
  return [head, ...failures, ...notes, ...logs].join('\n');
}

function verdict(result: Result, naive: boolean): string {
  if (naive) return result.lostJobs > 0 ? 'caught' : 'passed';
  return held(result) ? 'ok' : 'FAILED';
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

export function scenarioTable(results: readonly Result[], naive: boolean): string {
  const head = [
    'scenario',
    'precondition',
    'acknowledged',
    'lost jobs',
    'lost webhooks',
    'duplicate results',
    'extra ids',
    'orphans',
    'normal rate after, s',
    'caught up after, s',
    'verdict',
  ];
  const rows = results.map((result) => [
    `\`${result.name}\``,
    result.preconditions.join('; '),
    String(result.acknowledged),
    count(result.lostJobs),
    count(result.lostWebhooks),
    count(result.duplicateResults),
    count(result.severalIds),
    count(result.orphans),
    seconds(result.recoverySeconds),
    seconds(result.caughtUpSeconds),
    verdict(result, naive),
  ]);
  const sum = (of: (result: Result) => number) => count(results.reduce((all, one) => all + of(one), 0));
  const total = [
    `**${results.length}**`,
    '',
    sum((one) => one.acknowledged),
    sum((one) => one.lostJobs),
    sum((one) => one.lostWebhooks),
    sum((one) => one.duplicateResults),
    sum((one) => one.severalIds),
    sum((one) => one.orphans),
    '',
    '',
    naive
      ? `${results.filter(({ lostJobs }) => lostJobs > 0).length} caught`
      : `${results.filter(held).length} ok`,
  ];
  return table(head, [...rows, total]);
}

export function goalTable(goals: readonly Goal[]): string {
  return table(
    ['goal', 'wanted', 'reached', ''],
    goals.map(({ goal, wanted, reached, holds }) => [goal, wanted, reached, holds ? 'ok' : 'MISSED']),
  );
}
