// The API as it is shipped: a process of its own.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const MAIN = fileURLToPath(new URL('../src/main.js', import.meta.url));

export interface RunningApi {
  child: ChildProcess;
  port: number;
  /** Everything it has written. */
  said(): string;
}

/** Resolves when it listens. */
export async function startProcess(env: NodeJS.ProcessEnv): Promise<RunningApi> {
  const child = fork(MAIN, {
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      text += chunk;
    });
  const [{ address }] = (await once(child, 'message')) as [{ address: { port: number } }];
  return { child, port: address.port, said: () => text };
}
