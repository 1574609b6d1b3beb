// A process as a deployment runs it: started by its environment alone, its log kept, started again when it dies.
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessOrder {
  name: string;
  /** The compiled main file. */
  main: string;
  /** Of Node.js, before it. */
  flags?: string[];
  env: Record<string, string>;
  logFile: string;
  /** Hears what it says. */
  onText?: (text: string) => void;
  /** Hears what it tells who started it, beside that it is ready. */
  onMessage?: (message: object) => void;
}

export interface Supervised {
  name: string;
  /** Undefined while none runs. */
  pid(): number | undefined;
  /** How often it ended without having been told to. */
  crashes(): string[];
  /** Resolves when it runs and says that it is ready. */
  ready(timeoutMs?: number): Promise<void>;
  /** SIGKILL; the supervisor starts it again. */
  kill(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, or what is said, and not started again. Answers its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Starts it again after a stop, with other variables if there are any. */
  start(env?: Record<string, string>): void;
}

/** What a container platform takes, at its quickest, to notice and to start again. */
const RESTART_MS = 500;
const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;

const alive = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

export function supervise({ name, main, logFile, onText, onMessage, ...order }: ProcessOrder): Supervised {
  const log = createWriteStream(logFile, { flags: 'a' });
  const crashes: string[] = [];
  let env = order.env;
  let child: ChildProcess | undefined;
  let isReady = false;
  let wanted = true;
  let expected = false;

  function launch(): void {
    if (!wanted) return;
    isReady = false;
    expected = false;
    log.write(`--- ${new Date().toISOString()} ${name} starts\n`);
    const next = spawn(process.execPath, [...(order.flags ?? []), main], {
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    child = next;
    alive.add(next);
    for (const stream of [next.stdout, next.stderr]) {
      stream?.pipe(log, { end: false });
      stream?.on('data', (text) => onText?.(String(text)));
    }
    next.on('message', (message: object) => {
      if ('ready' in message) isReady = true;
      else onMessage?.(message);
    });
    next.once('exit', (code, signal) => {
      alive.delete(next);
      isReady = false;
      child = undefined;
      log.write(`--- ${new Date().toISOString()} ${name} ended: ${signal ?? code}\n`);
      if (!expected) crashes.push(`${name} ended by itself: ${signal ?? code}`);
      if (wanted) setTimeout(launch, RESTART_MS).unref();
    });
  }

  function ended(): Promise<number | null> {
    const running = child;
    if (running === undefined) return Promise.resolve(null);
    return new Promise((resolve) => running.once('exit', resolve));
  }

  const self: Supervised = {
    name,
    pid: () => child?.pid,
    crashes: () => crashes,
    ready: async (timeoutMs = READY_TIMEOUT_MS) => {
      const deadline = Date.now() + timeoutMs;
      while (!isReady) {
        if (Date.now() > deadline) throw new Error(`${name} does not become ready: ${logFile}`);
        await sleep(20);
      }
    },
    kill: async () => {
      expected = true;
      const end = ended();
      child?.kill('SIGKILL');
      await end;
    },
    signal: (signal) => void child?.kill(signal),
    stop: async (signal = 'SIGTERM') => {
      wanted = false;
      expected = true;
      const end = ended();
      const timer = setTimeout(() => child?.kill('SIGKILL'), STOP_TIMEOUT_MS);
      child?.kill(signal);
      const code = await end;
      clearTimeout(timer);
      return code;
    },
    start: (more) => {
      if (more !== undefined) env = { ...env, ...more };
      wanted = true;
      if (child === undefined) launch();
    },
  };
  launch();
  return self;
}
