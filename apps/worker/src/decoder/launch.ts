// Starts a decoder's process: as little memory and as little environment as it needs.
import { type ChildProcess, spawn } from 'node:child_process';
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
  /** Address space. */
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

/**
 * The limits on memory are the shell's: Node.js has no call for them. The decoder gets no environment but what it needs;
 * NODE_OPTIONS, which tools slip into children, would cost it the memory that is meant for images.
 */
export function launch({ program, memoryBytes }: LaunchOptions): ChildProcess {
  const kibibytes = Math.floor(memoryBytes / 1024);
  const limits = `ulimit -v ${kibibytes}; ulimit -d ${Math.floor(kibibytes * DATA_SHARE[program])}; ulimit -s ${STACK_KIBIBYTES}`;
  const main = fileURLToPath(new URL(`./${program}.js`, import.meta.url));
  const node = [process.execPath, ...NODE_FLAGS, main];
  const [command, ...args] =
    process.platform === 'linux'
      ? ['/bin/sh', '-c', `unset NODE_OPTIONS; ${limits}; exec "$0" "$@"`, ...node]
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
