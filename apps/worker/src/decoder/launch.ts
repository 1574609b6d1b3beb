// Starts a decoder's process: as little memory and as little environment as it needs.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What a decoder does. */
export type Program = 'inspect' | 'render';

/**
 * Most of a decoder's address space is reserved and never touched: 1 GB of 1.5. Its data, which is all that it can fill by itself, has a
 * limit of its own. Measured: Node.js with sharp comes to 80 MiB of it; an inspecting one at 236 MiB had never more than 252 resident.
 * What renders holds whole pictures: 12 megapixels of AVIF take 550 MB.
 */
export const DATA_SHARE: Record<Program, number> = { inspect: 2 / 13, render: 1 / 3 };

export interface LaunchOptions {
  program: Program;
  /** Address space, beside what Node.js has for its code. */
  memoryBytes: number;
}

/** For libvips' threads too; Node.js takes it that its own may use one megabyte. */
const STACK_KIBIBYTES = 2048;

const NODE_FLAGS = [
  '--max-old-space-size=256',
  // Measured: the usual 16 hold 40 MB more, and take half as much processor time again for pictures.
  '--max-semi-space-size=2',
  '--expose-gc',
];

/** Larger than any piece that earlier versions take. */
const CODE_ROOM_BYTES = 64 * 1024 * 1024;

/**
 * Node.js 24 takes the room for all code that it may ever compile at once, as data: 512 MB on x64, hardly any of it touched. Earlier ones
 * take it bit by bit: 0. A decoder is this very program: what is so here is so there.
 */
export function takenForCode(): number {
  const maps = readFileSync('/proc/self/maps', 'utf8');
  const sizes = [...maps.matchAll(/^([0-9a-f]+)-([0-9a-f]+) rwxp/gm)].map(
    ([, from = '', to = '']) => Number.parseInt(to, 16) - Number.parseInt(from, 16),
  );
  return Math.max(0, ...sizes.filter((bytes) => bytes >= CODE_ROOM_BYTES));
}

function limitsFor({ program, memoryBytes }: LaunchOptions): string {
  const code = takenForCode();
  const kibibytes = (bytes: number) => Math.floor((bytes + code) / 1024);
  return `ulimit -v ${kibibytes(memoryBytes)}; ulimit -d ${kibibytes(memoryBytes * DATA_SHARE[program])}; ulimit -s ${STACK_KIBIBYTES}`;
}

/**
 * The limits on memory are the shell's: Node.js has no call for them. The decoder gets no environment but what it needs;
 * NODE_OPTIONS, which tools slip into children, would cost it the memory that is meant for images.
 */
export function launch(options: LaunchOptions): ChildProcess {
  const main = fileURLToPath(new URL(`./${options.program}.js`, import.meta.url));
  const node = [process.execPath, ...NODE_FLAGS, main];
  const [command, ...args] =
    process.platform === 'linux'
      ? ['/bin/sh', '-c', `unset NODE_OPTIONS; ${limitsFor(options)}; exec "$0" "$@"`, ...node]
      : node;
  return spawn(command as string, args, {
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    env: {
      // libvips refuses loaders that were never fuzzed.
      VIPS_BLOCK_UNTRUSTED: '1',
      // Measured: glibc otherwise gives memory back after each image and asks for it again.
      MALLOC_MMAP_THRESHOLD_: '1000000',
      // Measured: what one picture left in pieces over several arenas, the next one could not use.
      MALLOC_ARENA_MAX: '1',
      UV_THREADPOOL_SIZE: '2',
    },
  });
}
