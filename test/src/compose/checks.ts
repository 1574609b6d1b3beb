// What was looked at, and what was measured on the way. One thing that is not so does not keep others from being looked at.

export interface Figure {
  figure: string;
  value: string;
}

export interface Checks {
  /** Passes when `look` throws nothing; its answer, if any, is told. */
  check(says: string, look: () => Promise<string | undefined> | string | undefined): Promise<boolean>;
  figure(figure: string, value: string): void;
  figures(): readonly Figure[];
  passed(): number;
  failed(): readonly string[];
}

export function createChecks(say: (text: string) => void, signal: AbortSignal): Checks {
  const failed: string[] = [];
  const figures: Figure[] = [];
  let passed = 0;
  return {
    check: async (says, look) => {
      signal.throwIfAborted();
      try {
        const detail = await look();
        passed += 1;
        say(`  ✓ ${says}${detail === undefined ? '' : ` (${detail})`}`);
        return true;
      } catch (error) {
        // What ends everything is nobody's failure.
        signal.throwIfAborted();
        failed.push(says);
        say(`  ✗ ${says}: ${(error as Error).message}`);
        return false;
      }
    },
    figure: (figure, value) => void figures.push({ figure, value }),
    figures: () => figures,
    passed: () => passed,
    failed: () => failed,
  };
}

export function figureTable(figures: readonly Figure[]): string {
  const width = Math.max(...figures.map(({ figure }) => figure.length), 0);
  return figures.map(({ figure, value }) => `| ${figure.padEnd(width)} | ${value} |`).join('\n');
}

export function conclusion({ passed, failed }: Pick<Checks, 'passed' | 'failed'>): string {
  return `test:compose: ${passed()} checks passed, ${failed().length} failed`;
}
