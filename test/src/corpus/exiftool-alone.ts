// What ExifTool by itself says of files, in the shape of the document: the yardstick of docs/metadata.md. One line for every file of the folder.
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { exiftoolPath } from 'exiftool-vendored';
import { describeTags } from './exiftool-alone-document.ts';
import type { Tags } from './exiftool-alone-tags.ts';

// Without '-ext *' a folder's files of an extension it does not know are passed over.
const OPTIONS = [
  ...['-config', ''],
  ...['-j', '-n', '-G1', '-struct', '-q'],
  ...['-ext', '*'],
  ...['-api', 'requesttags=JPEGQualityEstimate'],
];

/** By the file's name. A file with an error makes ExifTool end with a code, but it tells of all the others. */
async function askExiftool(folder: string): Promise<Map<string, Tags>> {
  const { stdout } = await promisify(execFile)(await exiftoolPath(), [...OPTIONS, folder], {
    maxBuffer: 512 * 1024 * 1024,
  }).catch((error: { code?: unknown; stdout?: string }) => {
    if (typeof error.code !== 'number') throw error;
    return { stdout: error.stdout ?? '' };
  });
  const answers = JSON.parse(stdout === '' ? '[]' : stdout) as Tags[];
  return new Map(answers.map((tags) => [path.basename(String(tags.SourceFile)), tags]));
}

/** A file whose type it does not know is an error; one with a fault later on keeps what was found. */
function answerOf(tags: Tags | undefined): object {
  if (tags === undefined) return { error: 'no answer' };
  const error = tags['ExifTool:Error'];
  return error !== undefined && tags['File:FileType'] === undefined
    ? { error: String(error) }
    : { metadata: describeTags(tags) };
}

const folder = process.argv[2] ?? '.';
const answers = await askExiftool(folder);
for (const name of (await readdir(folder)).sort()) {
  const line = { file: path.join(folder, name), ...answerOf(answers.get(name)) };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
