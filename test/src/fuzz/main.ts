// npm run fuzz: coverage-guided fuzzing of every header and tag reader. What it finds becomes a test.
import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../corpus/collection.ts';
import { type FuzzReport, fuzzReader } from './fuzz-reader.ts';
import { instrumentReaders } from './instrument.ts';
import { targetNames } from './targets.ts';

const HELP = `npm run fuzz [-- options] – coverage-guided fuzzing of the readers of image/

  --seconds N        for each reader (default: 600)
  --readers A,B      only these
  --jobs N           readers at once (default: one a core)
  --seed N           where chance begins (default: the time)

Inputs that crash, hang or take too much are left in fuzz-findings/; then the exit code is 1.
`;

const FINDINGS = path.join(ROOT, 'fuzz-findings');

async function keep({ name, findings }: FuzzReport): Promise<void> {
  if (findings.length > 0) await mkdir(FINDINGS, { recursive: true });
  for (const { input, error } of findings) {
    const digest = createHash('sha256').update(input).digest('hex').slice(0, 12);
    const file = path.join(FINDINGS, `${name}-${digest}`);
    await writeFile(file, input);
    await writeFile(`${file}.txt`, error);
    process.stdout.write(`${name}: ${error.split('\n')[0]}\n  ${path.relative(ROOT, file)}\n`);
  }
}

function line({ name, seconds, runs, places, kept, findings }: FuzzReport): string {
  const numbers = [
    `${(seconds / 60).toFixed(1)} min`,
    `${runs.toLocaleString('en')} inputs`,
    `${Math.round(runs / seconds).toLocaleString('en')}/s`,
    `${places} places`,
    `${kept} kept`,
    `${findings.length} findings`,
  ];
  return `${name.padEnd(10)} ${numbers.join('   ')}`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', default: false },
      seconds: { type: 'string', default: '600' },
      readers: { type: 'string' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const folder = await instrumentReaders(path.join(ROOT, 'apps/worker'));
  try {
    const all = await targetNames(folder);
    const names = values.readers?.split(',') ?? all;
    const unknown = names.find((name) => !all.includes(name));
    if (unknown !== undefined) throw new Error(`There is no reader "${unknown}": ${all.join(', ')}.`);
    const seed = Number(values.seed);
    process.stdout.write(
      `${names.length} readers, ${values.seconds} s each, ${values.jobs} at once, seed ${seed}\n`,
    );
    const waiting = [...names];
    const turn = async (): Promise<void> => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        const report = await fuzzReader({ folder, name, seconds: Number(values.seconds), seed });
        process.stdout.write(`${line(report)}\n`);
        await keep(report);
        if (report.findings.length > 0) process.exitCode = 1;
      }
    };
    await Promise.all(Array.from({ length: Number(values.jobs) }, turn));
  } finally {
    await rm(folder, { recursive: true });
  }
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
