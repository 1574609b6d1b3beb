// tintype inspect: the document of local files, without the service. A table for a person, JSON Lines for a program.
import { parseArgs } from 'node:util';
import { createLogger, PROFILES, type Profile, readEnvironment } from '@tintype/core';
import { type Inspector, inspectorSettings, openInspector } from '@tintype/worker/inspector';
import { findFiles } from '../inspect/find-files.ts';
import { inspectFile, type Wishes } from '../inspect/inspect-file.ts';
import { openPrinter } from '../inspect/print.ts';
import { UsageError } from '../usage.ts';

export async function inspect(args: string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      profile: { type: 'string' },
      pixels: { type: 'boolean' },
      stats: { type: 'boolean', default: false },
      jobs: { type: 'string' },
    },
    allowNegative: true,
  });
  if (positionals.length === 0) throw new UsageError('Name the files to inspect.');
  const profile = profileOf(values.profile);
  const { pixels, stats } = values;
  const wishes: Wishes = { ...(profile && { profile }), ...(pixels !== undefined && { pixels }), stats };
  const files = await findFiles(positionals);
  const config = readEnvironment(inspectorSettings, process.env);
  const decoders = Math.min(jobsOf(values.jobs) ?? config.decoders, files.length);
  const inspector = openInspector(
    { ...config, decoders },
    {
      log: createLogger({ name: 'inspect', level: 'silent' }),
      onBroken: () => {
        process.stderr.write('Decoders do not start: is sharp installed for this machine?\n');
        process.exit(1);
      },
    },
  );
  // Leaves no private copy of a file behind.
  process.once('SIGINT', () => void inspector.close().finally(() => process.exit(130)));
  process.once('SIGTERM', () => void inspector.close().finally(() => process.exit(143)));
  try {
    await inspectAll(files, { wishes, inspector, json: values.json });
  } finally {
    await inspector.close();
  }
}

/** Answers stand in the order of the files, however many are read at once. */
async function inspectAll(
  files: readonly string[],
  { wishes, inspector, json }: { wishes: Wishes; inspector: Inspector; json: boolean },
): Promise<void> {
  const printer = openPrinter({ json, total: files.length });
  const atOnce = Math.max(1, inspector.decoderPids().length);
  const running: Promise<Awaited<ReturnType<typeof inspectFile>>>[] = [];
  let next = 0;
  const start = () => {
    const file = files[next];
    next += 1;
    if (file !== undefined) running.push(inspectFile(file, { wishes, inspector }));
  };
  for (let started = 0; started < atOnce; started += 1) start();
  for (let oldest = running.shift(); oldest !== undefined; oldest = running.shift()) {
    const answer = await oldest;
    start();
    printer.print(answer);
    if ('error' in answer) process.exitCode = 1;
  }
  printer.end();
}

function profileOf(text: string | undefined): Profile | undefined {
  if (text === undefined) return undefined;
  const profile = PROFILES.find((one) => one === text);
  if (profile === undefined) throw new UsageError(`--profile must be ${PROFILES.join(' or ')}.`);
  return profile;
}

function jobsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new UsageError('--jobs must be a whole number from 1 to 999.');
  return Number(text);
}
