// Starts an ExifTool process that waits for commands: little memory, hardly any environment, nothing that it may write.
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import type { Duplex, Readable, Writable } from 'node:stream';

/** `detached` makes the process the head of a group of its own, which the watchman below and {@link killGroup} end as a whole. */
export interface ExifToolChild extends ChildProcess {
  stdin: Writable;
  stdout: Readable;
  stderr: Readable;
  stdio: [Writable, Readable, Readable, Duplex, undefined];
}

const COMMON = [
  '-j',
  // Numbers stay as the file has them, and texts that look like numbers stay texts ("1.10").
  ...['-n', '-api', 'StructFormat=JSONQ'],
  '-struct',
  // The same tag in another group is another fact: each directory of a TIFF has its width.
  ...['-a', '-G0:1'],
  // Names, dates and permissions of the server's own temporary file.
  '--System:all',
  ...['-api', 'LargeFileSupport=1'],
  // Only how large the profile is: binary values are never told.
  ...['-api', 'RequestTags=ICC_Profile'],
];

/** ExifTool's Perl script; undefined where it is not installed. */
export function findExifTool(): string | undefined {
  try {
    const require = createRequire(import.meta.url);
    return createRequire(require.resolve('exiftool-vendored'))('exiftool-vendored.pl') as string;
  } catch {
    return undefined;
  }
}

/**
 * The shell sets the limits, for which Node.js has no calls, and leaves a watchman behind: ExifTool itself would wait for ever
 * when the worker is killed. The watchman reads a pipe that only the worker holds open and ends the group when it closes.
 */
function scriptOf(memoryBytes: number): string {
  const memory = process.platform === 'linux' ? `ulimit -v ${Math.floor(memoryBytes / 1024)} && ` : '';
  const watchman = '{ read -r end <&3; kill -9 0; } >/dev/null 2>&1 &';
  return `${memory}ulimit -f 0 && ulimit -c 0 || exit 1; ${watchman} exec perl "$0" "$@" 3<&-`;
}

/** @param folder where it works: files are named relative to it, so that no answer holds a path */
export function launch(exifTool: string, folder: string, memoryBytes: number): ExifToolChild {
  // No configuration file: it would be Perl, and run.
  const args = [exifTool, '-config', '', '-stay_open', 'True', '-@', '-', '-common_args', ...COMMON];
  return spawn('/bin/sh', ['-c', scriptOf(memoryBytes), ...args], {
    cwd: folder,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, LANG: 'C', TZ: 'UTC' },
  }) as unknown as ExifToolChild;
}

export function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
