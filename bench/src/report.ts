// The result of a run as one object, and as a table for people.
import { goals, isMet, memoryGoals } from './goals.ts';
import type { Machine } from './machine.ts';
import type { KindReport } from './phases/library.ts';
import type { Round } from './round.ts';
import { combineByName, median } from './statistics.ts';

export interface Skipped {
  readonly name: string;
  readonly reason: string;
}

export interface Report {
  /** Median over the rounds of each round's own ratio; absent when it could not be measured. */
  readonly ratios: Readonly<Record<string, number>>;
  readonly medians: Readonly<Record<string, number>>;
  /** Largest resident set of any round, in MB (10⁶ bytes). */
  readonly memoryMb: Readonly<Record<string, number>>;
  readonly rounds: readonly Round[];
  /** Empty where the library was not asked. */
  readonly library: readonly KindReport[];
  readonly skipped: readonly Skipped[];
  readonly machine: Machine & { readonly baseline: string };
}

function rounded(figures: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(figures).map(([name, value]) => [name, Number(value.toPrecision(4))]),
  );
}

export function makeReport(
  rounds: readonly Round[],
  skipped: readonly Skipped[],
  machine: Report['machine'],
): Report {
  const medians = rounded(
    combineByName(
      rounds.map((round) => round.figures),
      median,
    ),
  );
  const ratios = goals.flatMap(({ ratio }) => {
    const value = medians[ratio];
    return value === undefined ? [] : [[ratio, value] as const];
  });
  const memory = combineByName(
    rounds.map((round) => round.memoryMb),
    (values) => Math.max(...values),
  );
  return {
    ratios: Object.fromEntries(ratios),
    medians,
    memoryMb: rounded(memory),
    rounds: rounds.map(({ figures, memoryMb }) => ({
      figures: rounded(figures),
      memoryMb: rounded(memoryMb),
    })),
    library: rounds.flatMap(({ library = [] }) => library),
    skipped,
    machine,
  };
}

function line(...[name, value, goal, verdict, meaning]: [string, string, string, string, string]): string {
  return `${name.padEnd(24)}${value.padStart(10)}  ${goal.padEnd(10)}${verdict.padEnd(8)}${meaning}`.trimEnd();
}

function ratioLines({ ratios }: Report): string[] {
  return goals.map((goal) => {
    const value = ratios[goal.ratio];
    const aim = `${goal.better === 'higher' ? '≥' : '≤'} ${goal.goal}`;
    if (value === undefined) return line(goal.ratio, '–', aim, '–', goal.meaning);
    return line(goal.ratio, value.toFixed(2), aim, isMet(goal, value) ? 'met' : 'missed', goal.meaning);
  });
}

function memoryLines({ memoryMb }: Report): string[] {
  return Object.entries(memoryMb).map(([name, mb]) => {
    const goal = memoryGoals.find(({ process }) => process === name)?.goalMb;
    if (goal === undefined) return line(name, mb.toFixed(0), '', '', '');
    return line(name, mb.toFixed(0), `≤ ${goal}`, mb <= goal ? 'met' : 'missed', '');
  });
}

function medianLines({ medians, ratios }: Report): string[] {
  const figures = Object.entries(medians).filter(([name]) => !(name in ratios));
  return figures.map(([name, value]) => line(name, String(value), '', '', ''));
}

function libraryLines({ library }: Report): string[] {
  if (library.length === 0) return [];
  const kinds = library.flatMap(({ name, p50Ms, p95Ms, plans, scanned }) => [
    `${name.padEnd(40)}${p50Ms.toFixed(1).padStart(8)}${p95Ms.toFixed(1).padStart(8)}`,
    ...plans.map((plan) => `    ${plan}`),
    ...scanned.map((table) => `    READS ALL OF ${table}`),
  ]);
  return ['', `${'PAGES OF THE LIBRARY'.padEnd(40)}${'P50 MS'.padStart(8)}${'P95 MS'.padStart(8)}`, ...kinds];
}

export function formatReport(report: Report): string {
  const { machine, skipped } = report;
  return [
    `${machine.cores} cores, ${machine.cpu}, ${machine.system}, Node ${machine.node}, Redis ${machine.redis}`,
    `medians of ${report.rounds.length} rounds; load average before: ${machine.loadBefore}`,
    '',
    line('RATIO', 'MEDIAN', 'GOAL', '', ''),
    ...ratioLines(report),
    '',
    line('PEAK MEMORY', 'MB', 'GOAL', '', ''),
    ...memoryLines(report),
    '',
    line('FIGURE', 'MEDIAN', '', '', ''),
    ...medianLines(report),
    ...libraryLines(report),
    ...skipped.map(({ name, reason }) => `skipped ${name}: ${reason}`),
  ].join('\n');
}
