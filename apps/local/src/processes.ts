// Starts api and worker as they run in production: by environment only, each a process of its own.
import { execFile, fork } from 'node:child_process';
import { openSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { DATA_FOLDER, LOGS_FOLDER, ROOT } from './folders.ts';

/** Something without which there is no service. */
export interface ServicePart {
  name: string;
  logFile: string;
  /** Resolves with the reason when the process has ended. */
  ended: Promise<string>;
  stop(): Promise<void>;
}

/** Upload buffers are short-lived: a small nursery frees them sooner, at no cost in CPU that showed. */
const NODE_FLAGS = ['--max-semi-space-size=4'];

interface AppAddress {
  databaseUrl: string;
  port: number;
}

/** Long enough to finish what runs; short enough for somebody who pressed Ctrl-C. */
const DRAIN_MS = 8000;

function environment({ databaseUrl, port }: AppAddress): NodeJS.ProcessEnv {
  return {
    ...process.env,
    DATABASE_URL: databaseUrl,
    QUEUE_URL: databaseUrl,
    OBJECT_STORE_URL: pathToFileURL(path.join(DATA_FOLDER, 'objects')).href,
    HOST: process.env.HOST ?? '127.0.0.1',
    PORT: String(port),
    DRAIN_TIMEOUT_MS: String(DRAIN_MS),
  };
}

/** Applies the migrations by the command that a deployment uses. */
export async function migrateAll(databaseUrl: string): Promise<void> {
  const cli = path.join(ROOT, 'apps/cli/dist/src/main.js');
  await promisify(execFile)(process.execPath, [cli, 'migrate'], {
    env: environment({ databaseUrl, port: 0 }),
  });
}

/** Resolves when the app says that it is ready. @throws Error with the last words of one that ends instead */
export async function startApp(name: 'api' | 'worker', where: AppAddress): Promise<ServicePart> {
  const logFile = path.join(LOGS_FOLDER, `${name}.log`);
  const log = openSync(logFile, 'a');
  let lastWords = '';
  // Detached: Ctrl-C is meant for us alone, who stop the processes in order. When we die they notice by the channel.
  const child = fork(path.join(ROOT, `apps/${name}/dist/src/main.js`), {
    env: environment(where),
    stdio: ['ignore', log, 'pipe', 'ipc'],
    detached: true,
    execArgv: NODE_FLAGS,
  });
  child.stderr?.on('data', (text) => {
    lastWords = (lastWords + text).slice(-1000);
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(lastWords.trim() || `exit ${signal ?? code}`));
  });
  const ready = new Promise<undefined>((resolve) => child.once('message', () => resolve(undefined)));
  const failure = await Promise.race([ready, ended]);
  if (failure !== undefined) throw new Error(`The ${name} did not start: ${failure}`);

  return {
    name: `the ${name}`,
    logFile: path.relative(process.cwd(), logFile),
    ended,
    stop: async () => {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), DRAIN_MS + 7000);
      await ended;
      clearTimeout(late);
    },
  };
}
