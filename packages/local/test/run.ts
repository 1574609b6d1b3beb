// Starts runner.ts as a process of its own, as any user, with or without the system's tools on PATH.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Run {
  process: ChildProcess;
  pid: number;
  url: string;
  ended: Promise<unknown>;
}

export interface RunOptions {
  ending?: 'exit' | 'throw' | 'wait';
  uid?: number;
  env?: Record<string, string>;
}

const runner = fileURLToPath(new URL('./runner.js', import.meta.url));

/** Resolves when the runner's PostgreSQL accepts connections; rejects with what the runner said when it failed. */
export async function run(dataDir: string, options: RunOptions = {}): Promise<Run> {
  const identity = options.uid === undefined ? {} : { uid: options.uid, gid: options.uid };
  const child = spawn(process.execPath, [runner, dataDir, options.ending ?? 'wait'], {
    ...identity,
    cwd: '/',
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  const line = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'close'),
  ]);
  if (typeof line[0] !== 'string' || !line[0].startsWith('{'))
    throw new Error(errors || 'the runner said nothing');
  const { pid, url } = JSON.parse(line[0]);
  return { process: child, pid, url, ended };
}
