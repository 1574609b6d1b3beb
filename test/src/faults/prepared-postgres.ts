// A folder that every scenario's PostgreSQL begins as a copy of: the tables made, a tenant and its key in them.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createDatabase, startPostgres } from '@tintype/local';
import { ROOT } from './root.ts';

export const DATABASE = 'tintype';

export interface Prepared {
  folder: string;
  apiKey: string;
}

/** Made by the commands that an operator uses, so that the harness knows nothing of the tables' insides. */
export async function preparePostgres(folder: string): Promise<Prepared> {
  const dataDir = path.join(folder, 'prepared');
  const server = await startPostgres({ dataDir, durable: false });
  try {
    const url = await createDatabase(server.url, DATABASE);
    const env = { PATH: process.env.PATH ?? '', DATABASE_URL: url, QUEUE_URL: url };
    await command(['migrate'], env);
    return { folder: dataDir, apiKey: (await command(['keys', 'create', '--admin'], env)).trim() };
  } finally {
    await server.stop();
  }
}

function command(args: string[], env: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(ROOT, 'apps/cli/dist/src/main.js'), ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (text) => {
      out += text;
    });
    child.stderr.on('data', (text) => {
      err += text;
    });
    child.once('close', (code) =>
      code === 0 ? resolve(out) : reject(new Error(`tintype ${args.join(' ')}: ${err}`)),
    );
  });
}
