// One tool over many files, a process of its own: how many images a second it says something about. Files are read on the way, by
// one call each: the thread pool would cost more than most of the files.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { sniff } from '@tintype/core';
import { inspect } from '@tintype/worker/inspect';
import { exiftoolPath } from 'exiftool-vendored';
import sharp from 'sharp';

export const metadataTools = ['fast', 'sharp', 'exiftool'] as const;
export type MetadataTool = (typeof metadataTools)[number];

export interface MetadataOrder {
  readonly tool: MetadataTool;
  readonly files: readonly string[];
}

export interface MetadataReport {
  readonly seconds: number;
  /** Files that the tool said nothing about. */
  readonly refused: readonly string[];
}

type Tell = (file: string) => Promise<unknown>;

const FACTS_ALONE = {
  profile: 'fast',
  pixels: false,
  stats: false,
  limits: { maxPixels: 0, maxHeifPixels: 0, maxDecodedBytes: 0 },
} as const;

async function tellFast(file: string): Promise<unknown> {
  const bytes = readFileSync(file);
  const format = sniff(bytes);
  if (format === undefined) throw new Error('no image');
  const facts = { bytes: bytes.length, sha256Hex: '', format, fileName: file, declaredMimeType: null };
  return inspect(bytes, facts, FACTS_ALONE);
}

/** `exiftool -stay_open`: one process, asked file by file. */
async function openExifTool(): Promise<Tell> {
  const child = spawn(await exiftoolPath(), ['-config', '', '-stay_open', 'True', '-@', '-'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // It would wait for ever: the end of its input does not end it.
  process.once('exit', () => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async (file) => {
    child.stdin.write(`${['-j', '-n', '-G1', '-struct', file, '-execute'].join('\n')}\n`);
    let answer = '';
    for (;;) {
      const { value, done } = await lines.next();
      if (done === true || value === '{ready}') break;
      answer += value;
    }
    if (answer === '') throw new Error('no answer');
    return JSON.parse(answer);
  };
}

const TOOLS: Record<MetadataTool, () => Promise<Tell>> = {
  fast: async () => tellFast,
  sharp: async () => async (file) => sharp(readFileSync(file)).metadata(),
  exiftool: openExifTool,
};

let tell: Tell | undefined;

async function run({ tool, files }: MetadataOrder): Promise<MetadataReport> {
  tell ??= await TOOLS[tool]();
  const refused: string[] = [];
  const startedAt = performance.now();
  for (const file of files) {
    try {
      await tell(file);
    } catch {
      refused.push(file);
    }
  }
  return { seconds: (performance.now() - startedAt) / 1000, refused };
}

process.on('message', (order: MetadataOrder) => {
  void run(order).then((report) => process.send?.(report));
});
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
