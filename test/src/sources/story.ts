// A scenario as it is told: a line for each promise and fault, and under it the calls that show it.
import { FAULTS, type Fault, type Source } from './promises.ts';

export interface Line {
  kind: 'promise' | 'fault absent';
  says: string;
  /** `POST /v1/jobs → 202`, in their order. */
  calls: string[];
  ms: number;
  /** Undefined: it holds. */
  failure: string | undefined;
}

export interface Story {
  promise(says: string, show: () => Promise<void>): Promise<void>;
  /** Looks for the fault where the source had it. */
  absent(fault: Fault, show: () => Promise<void>): Promise<void>;
}

export interface Told {
  source: Source;
  lines: readonly Line[];
  /** Promises of the source that nobody showed, and shown ones that it never made. */
  uncovered: string[];
}

/**
 * @param heard calls are added to it while they are made
 * @param hear each line, as soon as it is known
 */
export async function tell(
  source: Source,
  play: (story: Story) => Promise<void>,
  { heard, hear }: { heard: string[]; hear: (line: Line) => void },
): Promise<Told> {
  const lines: Line[] = [];

  async function show(kind: Line['kind'], says: string, shown: () => Promise<void>): Promise<void> {
    heard.length = 0;
    const begunAt = performance.now();
    // What fails does not keep the others from being shown.
    const failure = await shown().then(
      () => undefined,
      (error: Error) => error.message,
    );
    const line = { kind, says, calls: heard.splice(0), ms: performance.now() - begunAt, failure };
    lines.push(line);
    hear(line);
  }

  await play({
    promise: (says, shown) => show('promise', says, shown),
    absent: (says, shown) => show('fault absent', says, shown),
  });
  return { source, lines, uncovered: uncoveredOf(source, lines) };
}

function uncoveredOf({ promises }: Source, lines: readonly Line[]): string[] {
  const shown = new Set(lines.filter(({ kind }) => kind === 'promise').map(({ says }) => says));
  const missing = promises.filter((one) => !shown.has(one)).map((one) => `nobody showed: ${one}`);
  const unknown = [...shown].filter((one) => !promises.includes(one)).map((one) => `never promised: ${one}`);
  return [...missing, ...unknown];
}

/** Faults that no scenario looked for. */
export function unsoughtFaults(told: readonly Told[]): string[] {
  const sought = new Set(told.flatMap(({ lines }) => lines.map(({ says }) => says)));
  return FAULTS.filter((fault) => !sought.has(fault));
}
