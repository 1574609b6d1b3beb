// Knows how to run a short program to its end. Refuses to leave it behind or to print what it says.
import { basename } from 'node:path';
import { type DaemonOptions, startDaemon } from './daemon.ts';

/**
 * Runs `command` and waits.
 *
 * @returns the last lines of its output
 * @throws Error with those lines when it ends other than with 0; the signal's reason when aborted
 */
export async function runTool(
  command: string,
  args: string[],
  options: Omit<DaemonOptions, 'deathSignal'> & { signal?: AbortSignal } = {},
): Promise<string[]> {
  const { signal, ...rest } = options;
  signal?.throwIfAborted();
  const tool = startDaemon(command, args, { ...rest, deathSignal: 'SIGKILL' });
  const kill = () => void tool.stop('SIGKILL', 0);
  signal?.addEventListener('abort', kill);
  await tool.exited;
  signal?.removeEventListener('abort', kill);
  signal?.throwIfAborted();
  if (tool.exitCode() !== 0) {
    throw new Error(`${basename(command)} failed:\n${tool.lastLines().join('\n')}`);
  }
  return tool.lastLines();
}
