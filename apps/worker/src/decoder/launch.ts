// Starts a decoder's process: as little memory and as little environment as it needs.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));

/**
 * The address-space limit is the shell's: Node.js has no call for it. The decoder gets no environment but what it needs;
 * NODE_OPTIONS, which tools slip into children, would cost it the memory that is meant for images.
 */
export function launch(memoryBytes: number): ChildProcess {
  const node = [process.execPath, '--max-old-space-size=256', MAIN];
  const [command, ...args] =
    process.platform === 'linux'
      ? [
          '/bin/sh',
          '-c',
          `unset NODE_OPTIONS; ulimit -v ${Math.floor(memoryBytes / 1024)}; exec "$0" "$@"`,
          ...node,
        ]
      : node;
  return spawn(command as string, args, {
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    env: {
      // libvips refuses loaders that were never fuzzed.
      VIPS_BLOCK_UNTRUSTED: '1',
      // Measured: glibc otherwise gives memory back after each image and asks for it again.
      MALLOC_MMAP_THRESHOLD_: '1000000',
      UV_THREADPOOL_SIZE: '2',
    },
  });
}
