// The embedded PostgreSQL of this machine's service, with its database made where it is missing.
import { createWriteStream, mkdirSync } from 'node:fs';
import path from 'node:path';
import { createDatabase, startPostgres } from '@tintype/local';
import { DATA_FOLDER, LOGS_FOLDER } from './folders.ts';

const NAME = 'tintype';

export async function startDatabase(): Promise<{ url: string; stop: () => Promise<void> }> {
  mkdirSync(LOGS_FOLDER, { recursive: true });
  const log = createWriteStream(path.join(LOGS_FOLDER, 'postgres.log'), { flags: 'a' });
  const server = await startPostgres({
    dataDir: path.join(DATA_FOLDER, 'postgres'),
    durable: true,
    log: (line) =>
      log.write(`${line}
`),
  });
  try {
    await createDatabase(server.url, NAME).catch(passIfItExists);
    return { url: server.url.replace(/[^/]*$/, NAME), stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** SQLSTATE of "there is a database of that name". */
const DUPLICATE_DATABASE = '42P04';

function passIfItExists(error: Error & { code?: string }): void {
  if (error.code !== DUPLICATE_DATABASE) throw error;
}
