// Knows how to start a long-running server, read its log, and end it. Refuses to know which server it is.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Account } from './account.ts';
import { atExit } from './at-exit.ts';
import { guard, leash } from './leash.ts';
import { serverEnvironment } from './program.ts';

export interface DaemonOptions {
  account?: Account | undefined;
  /** Working folder; entered before the change of user. */
  cwd?: string;
  env?: Record<string, string>;
  /** An open folder the child gets as file descriptor 3. */
  folder?: number | undefined;
  /** What ends the child when this process is gone. */
  deathSignal: NodeJS.Signals;
  onLine?: (line: string) => void;
}

export interface Daemon {
  pid: number;
  /** The last lines of its output, oldest first. */
  lastLines(): string[];
  hasExited(): boolean;
  /** 0 when it ended well; null while it runs or when a signal ended it. */
  exitCode(): number | null;
  exited: Promise<void>;
  /** Stops keeping this process alive for the child's sake. */
  unref(): void;
  /** Signals and waits; SIGKILL after `graceMs`. Safe to call twice. */
  stop(signal: NodeJS.Signals, graceMs: number): Promise<void>;
}

const keptLines = 20;

/** Starts `command` in its own session, so that a Ctrl+C meant for us does not reach it. */
export function startDaemon(command: string, args: string[], options: DaemonOptions): Daemon {
  const leashed = leash(command, args, options.account, options.deathSignal);
  const child = spawn(leashed.command, leashed.args, {
    ...leashed.account,
    cwd: options.cwd ?? '/',
    env: serverEnvironment(options.env),
    stdio: ['ignore', 'pipe', 'pipe', options.folder ?? 'ignore'],
    detached: process.platform !== 'win32',
  });
  const pid = child.pid ?? 0;
  const kept: string[] = [];
  const keep = (line: string) => {
    kept.push(line);
    if (kept.length > keptLines) kept.shift();
    options.onLine?.(line);
  };
  const forget = atExit(() => child.kill(options.deathSignal));
  const dismiss = leashed.held || pid === 0 ? () => undefined : guard(pid, options.deathSignal);
  const exited = watchEnd(child, keep).then(() => {
    forget();
    dismiss();
  });
  return {
    pid,
    lastLines: () => [...kept],
    hasExited: () => pid === 0 || child.exitCode !== null || child.signalCode !== null,
    exitCode: () => child.exitCode,
    exited,
    unref: () => setReference(child, 'unref'),
    stop: async (signal, graceMs) => {
      setReference(child, 'ref');
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

function watchEnd(child: ChildProcess, keep: (line: string) => void): Promise<void> {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', keep);
  }
  return new Promise((resolve) => {
    child.once('error', (error) => {
      keep(error.message);
      resolve();
    });
    // 'close' comes after the last line of output, but a surviving grandchild may hold the pipe open for long.
    child.once('close', () => resolve());
    child.once('exit', () => setTimeout(resolve, 200));
  });
}

function setReference(child: ChildProcess, what: 'ref' | 'unref'): void {
  child[what]();
  for (const stream of [child.stdout, child.stderr]) {
    const handle: (Readable & { ref?: () => void; unref?: () => void }) | null = stream;
    handle?.[what]?.();
  }
}
