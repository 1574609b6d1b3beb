// A folder that every scenario's PostgreSQL begins as a copy of: the tables made, a tenant and its key in them.
import path from 'node:path';
import { createDatabase, startPostgres } from '@tintype/local';
import { tintype } from '../service/tintype.ts';

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
    await tintype(['migrate'], env);
    return { folder: dataDir, apiKey: await tintype(['keys', 'create', '--admin'], env) };
  } finally {
    await server.stop();
  }
}
