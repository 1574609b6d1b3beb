// Child processes of the run: started, watched while they get ready, asked, stopped by pid with everything below them.
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { atEnd } from './cleanup.ts';
import { processTree } from './process-tree.ts';

const stopGraceMs = 10_000;
const outputTailChars = 4_000;

export interface Child {
  readonly pid: number;
  /** The child's next message; rejects when the child ends instead. */
  next<Answer>(): Promise<Answer>;
  /** Sends a message and resolves with the child's next one; rejects when the child ends instead. */
  ask<Answer>(message: unknown): Promise<Answer>;
  /** Resolves when `ready` does; rejects with the child's last words when it ends first. */
  until<T>(ready: Promise<T>): Promise<T>;
  /** Never resolves; rejects with the child's last words when it ends without having been stopped. */
  readonly crashed: Promise<never>;
  /** The end of what it has printed. */
  lastWords(): string;
  stop(): Promise<void>;
}

export interface ChildOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Whether messages go to and fro: the child must know about `process.send`. */
  readonly messages?: boolean;
}

function killTree(pid: number): void {
  for (const member of processTree(pid)) {
    try {
      process.kill(member, 'SIGKILL');
    } catch {
      // Already gone.
    }
  }
}

async function terminate(child: ChildProcess, pid: number, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const grace = new AbortController();
  const timer = sleep(stopGraceMs, 'timeout', { signal: grace.signal }).catch(() => 'ended');
  if ((await Promise.race([ended.then(() => 'ended'), timer])) === 'timeout') killTree(pid);
  grace.abort();
  await ended;
}

function nextMessage<Answer>(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve) => {
    child.once('message', (answer) => resolve(answer as Answer));
  });
}

export function startProcess(command: string, args: readonly string[], options: ChildOptions = {}): Child {
  const child = spawn(command, args, {
    ...(options.cwd ? { cwd: options.cwd } : {}),
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe', ...(options.messages ? (['ipc'] as const) : [])],
  });
  let tail = '';
  for (const output of [child.stdout, child.stderr]) {
    output?.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString()).slice(-outputTailChars);
    });
  }
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`ended with ${signal ?? code}`));
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${command} could not be started`);
  let stopping = false;
  const crashed = new Promise<never>((_, reject) => {
    void ended.then((how) => {
      if (!stopping) reject(new Error(`${[command, ...args].join(' ')} ${how}\n${tail}`));
    });
  });
  crashed.catch(() => undefined);
  const until = <T>(ready: Promise<T>): Promise<T> => Promise.race([ready, crashed]);
  return {
    pid,
    crashed,
    lastWords: () => tail,
    until,
    next: () => until(nextMessage<never>(child)),
    ask: (message) => {
      const answer = until(nextMessage<never>(child));
      child.send(message as object);
      return answer;
    },
    stop: atEnd(() => {
      stopping = true;
      return terminate(child, pid, ended);
    }),
  };
}

/** Starts a compiled file of this package (`name` without extension) in a Node process that takes messages. */
export function startScript(name: string, args: readonly string[] = []): Child {
  const script = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  return startProcess(process.execPath, [script, ...args], { messages: true });
}
