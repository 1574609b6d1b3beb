// Answers on standard output; how far it got on standard error, where a person looks on.
import { SingleBar } from 'cli-progress';
import type { FileAnswer } from './inspect-file.ts';
import { summarize } from './summarize.ts';

export interface Printer {
  print(answer: FileAnswer): void;
  end(): void;
}

/** Fewer files are done before a bar could be read. */
const MANY_FILES = 10;

export function openPrinter({ json, total }: { json: boolean; total: number }): Printer {
  const bar =
    total >= MANY_FILES && process.stderr.isTTY && !process.stdout.isTTY ? openBar(total) : undefined;
  return {
    print: (answer) => {
      process.stdout.write(json ? `${JSON.stringify(answer)}\n` : `${summarize(answer)}\n\n`);
      bar?.increment();
    },
    end: () => bar?.stop(),
  };
}

function openBar(total: number): SingleBar {
  const bar = new SingleBar({
    stream: process.stderr,
    format: '{bar} {value}/{total} files, {eta_formatted} left',
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(total, 0);
  return bar;
}
