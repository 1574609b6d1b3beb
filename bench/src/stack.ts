// Our stack as a system under test: migrated database, one API key, the api's and the worker's processes.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { freePort } from '@tintype/local';
import { type Child, startProcess } from './child.ts';
import { waitUntilReady } from './ready.ts';
import { startServers } from './servers.ts';
import type { SystemUnderTest } from './system.ts';
import { makeFolder, repositoryPath } from './workspace.ts';

export type QueueBackend = 'redis' | 'postgres';

export interface Stack extends SystemUnderTest {
  /** Folder of the object store. */
  readonly objects: string;
  workerRuns(): boolean;
  startWorker(): void;
  stopWorker(): Promise<void>;
}

/** As docs/configuration.md says a process should be started. */
const nodeFlags = ['--max-semi-space-size=4'];

const programs = ['apps/api', 'apps/worker', 'apps/cli'].map((app) => `${app}/dist/src/main.js`);
const [apiMain, workerMain, cliMain] = programs.map((program) => repositoryPath(program)) as [
  string,
  string,
  string,
];

/** Why our stack cannot be started; undefined when it can. */
export function whyNoStack(): string | undefined {
  const missing = programs.filter((program) => !existsSync(repositoryPath(program)));
  return missing.length > 0 ? `not built: ${missing.join(', ')}` : undefined;
}

async function runCli(env: Record<string, string>, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [cliMain, ...args], {
    env: { ...process.env, ...env },
  });
  return stdout.trim();
}

export async function startStack(workspace: string, queue: QueueBackend): Promise<Stack> {
  const servers = await startServers(workspace, { redis: queue === 'redis' });
  const objects = await makeFolder(workspace, 'objects');
  const port = await freePort();
  const env = {
    DATABASE_URL: servers.databaseUrl,
    QUEUE_URL: servers.redisUrl ?? servers.databaseUrl,
    OBJECT_STORE_URL: `file://${objects.path}`,
    LOG_LEVEL: 'warn',
    // The baseline decodes no picture either; what that costs is the phase "pixels".
    PIXEL_FACTS: 'off',
  };
  await runCli(env, 'migrate');
  const key = await runCli(env, 'keys', 'create', '--name', 'bench');
  const api = startProcess(process.execPath, [...nodeFlags, apiMain], {
    env: { ...env, HOST: '127.0.0.1', PORT: String(port) },
    messages: true,
  });
  await api.until(waitUntilReady(`http://127.0.0.1:${port}/readyz`));
  let worker: Child | undefined;
  let reportWorkerCrash: (error: unknown) => void = () => undefined;
  const workerCrashed = new Promise<never>((_, reject) => {
    reportWorkerCrash = reject;
  });
  const stopWorker = async (): Promise<void> => {
    await worker?.stop();
    worker = undefined;
  };
  return {
    name: 'tintype',
    uploadUrl: `http://127.0.0.1:${port}/v1/jobs`,
    headers: { 'x-api-key': key },
    databaseUrl: servers.databaseUrl,
    objects: objects.path,
    workerRuns: () => worker !== undefined,
    processes: () => ({ api: api.pid, ...(worker ? { worker: worker.pid } : {}), ...servers.pids }),
    broken: Promise.race([api.crashed, workerCrashed]),
    lastWords: () => `${api.lastWords()}${worker?.lastWords() ?? ''}`,
    startWorker: () => {
      worker = startProcess(process.execPath, [...nodeFlags, workerMain], { env, messages: true });
      worker.crashed.catch(reportWorkerCrash);
    },
    stopWorker,
    stop: async () => {
      await stopWorker();
      await api.stop();
      await servers.stop();
      await objects.remove();
    },
  };
}
