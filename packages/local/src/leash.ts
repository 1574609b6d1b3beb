// Knows how a child ends when this process is gone without saying so (killed, crashed).
// Refuses to know what the child does.
import { spawn, spawnSync } from 'node:child_process';
import type { Account } from './account.ts';
import { findProgram } from './program.ts';

/** A command ready for spawn: maybe wrapped, maybe with a change of user. */
export interface LeashedCommand {
  command: string;
  args: string[];
  account: Partial<Account>;
  /** Whether the kernel itself ends the child with us; otherwise it needs {@link guard}. */
  held: boolean;
}

let knownSetpriv: string | false | undefined;

function setpriv(): string | false {
  if (knownSetpriv === undefined) {
    const found = process.platform === 'linux' ? findProgram('setpriv') : undefined;
    // Older util-linux has the program without the option, busybox has neither.
    const able = found !== undefined && spawnSync(found, ['--help']).stdout?.includes('--pdeathsig');
    knownSetpriv = able ? (found ?? false) : false;
  }
  return knownSetpriv;
}

/** Wraps a command so that it runs as `account` and gets `deathSignal` when this process dies, where Linux can. */
export function leash(
  command: string,
  args: string[],
  account: Account | undefined,
  deathSignal: NodeJS.Signals,
): LeashedCommand {
  const wrapper = setpriv();
  if (wrapper === false) return { command, args, account: account ?? {}, held: false };
  const identity =
    account === undefined ? [] : [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups'];
  const wrapped = [...identity, '--pdeathsig', deathSignal.replace('SIG', ''), '--', command, ...args];
  return { command: wrapper, args: wrapped, account: {}, held: true };
}

// The read ends with an error, and the child with it, when the pipe's only writer (this process) is gone.
const guardScript = 'trap "" INT TERM HUP; read -r _ || kill -s "$2" "$1"';

/**
 * Elsewhere: a shell that waits on a pipe from us and signals the child when the pipe breaks.
 *
 * @returns a function that dismisses the guard, to be called when the child has ended
 */
export function guard(pid: number, deathSignal: NodeJS.Signals): () => void {
  if (process.platform === 'win32') return () => undefined;
  const args = ['-c', guardScript, 'guard', String(pid), deathSignal.replace('SIG', '')];
  const shell = spawn('/bin/sh', args, { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  shell.on('error', () => undefined);
  shell.stdin.on('error', () => undefined);
  shell.unref();
  if ('unref' in shell.stdin && typeof shell.stdin.unref === 'function') shell.stdin.unref();
  return () => shell.stdin.end('\n');
}
