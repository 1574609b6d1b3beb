// The baseline as a system under test: gunicorn with Flask, Celery with Pillow (bench/baseline), servers like ours.
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { freePort } from '@tintype/local';
import pg from 'pg';
import { startProcess } from './child.ts';
import { waitUntilReady } from './ready.ts';
import { startServers } from './servers.ts';
import type { SystemUnderTest } from './system.ts';
import { makeFolder, repositoryPath } from './workspace.ts';

export type GunicornWorker = 'sync' | 'gthread';

const directory = repositoryPath('bench', 'baseline');

async function createTables(databaseUrl: string): Promise<void> {
  const database = new pg.Client(databaseUrl);
  await database.connect();
  await database.query(await readFile(`${directory}/schema.sql`, 'utf8'));
  await database.end();
}

function gunicornArgs(kind: GunicornWorker, port: number): string[] {
  const threads = kind === 'gthread' ? ['--threads', '4'] : [];
  return ['--workers', '2', '--worker-class', kind, ...threads, '--bind', `127.0.0.1:${port}`, 'app:app'];
}

function celeryArgs(): string[] {
  const quiet = ['--loglevel', 'warning', '--without-gossip', '--without-mingle'];
  return [
    '--app',
    'tasks',
    'worker',
    '--pool',
    'prefork',
    '--concurrency',
    String(availableParallelism()),
    ...quiet,
  ];
}

export interface BaselineOptions {
  readonly python: string;
  readonly gunicorn: GunicornWorker;
}

export async function startBaseline(
  workspace: string,
  { python, gunicorn: kind }: BaselineOptions,
): Promise<SystemUnderTest> {
  const servers = await startServers(workspace, { redis: true });
  const uploads = await makeFolder(workspace, 'uploads');
  const port = await freePort();
  await createTables(servers.databaseUrl);
  const options = {
    cwd: directory,
    env: {
      DATABASE_URL: servers.databaseUrl,
      BROKER_URL: servers.redisUrl ?? '',
      UPLOAD_DIR: uploads.path,
      PYTHONPYCACHEPREFIX: `${workspace}/pycache`,
    },
  };
  const celery = startProcess(python, ['-m', 'celery', ...celeryArgs()], options);
  const gunicorn = startProcess(python, ['-m', 'gunicorn', ...gunicornArgs(kind, port)], options);
  await gunicorn.until(waitUntilReady(`http://127.0.0.1:${port}/healthz`));
  return {
    name: 'celery',
    uploadUrl: `http://127.0.0.1:${port}/jobs`,
    headers: {},
    databaseUrl: servers.databaseUrl,
    processes: () => ({ gunicorn: gunicorn.pid, celery: celery.pid, ...servers.pids }),
    broken: Promise.race([gunicorn.crashed, celery.crashed]),
    lastWords: () => `${gunicorn.lastWords()}${celery.lastWords()}`,
    stop: async () => {
      await gunicorn.stop();
      await celery.stop();
      await servers.stop();
      await uploads.remove();
    },
  };
}
