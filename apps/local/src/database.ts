// The embedded PostgreSQL of this machine's service, with its database made where it is missing.
import { createWriteStream, mkdirSync } from 'node:fs';
import path from 'node:path';
import { createDatabase, startPostgres } from '@tintype/local';
import { DATA_FOLDER, LOGS_FOLDER } from './folders.ts';
import type { ServicePart } from './processes.ts';

const NAME = 'tintype';

export async function startDatabase(): Promise<ServicePart & { url: string }> {
  mkdirSync(LOGS_FOLDER, { recursive: true });
  const logFile = path.join(LOGS_FOLDER, 'postgres.log');
  const log = createWriteStream(logFile, { flags: 'a' });
  const server = await startPostgres({
    dataDir: path.join(DATA_FOLDER, 'postgres'),
    durable: true,
    log: (line) => log.write(`${line}\n`),
  });
  try {
    await createDatabase(server.url, NAME).catch(passIfItExists);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    name: 'PostgreSQL',
    url: server.url.replace(/[^/]*$/, NAME),
    logFile: path.relative(process.cwd(), logFile),
    ended: server.exited.then(() => 'by itself'),
    stop: () => server.stop(),
  };
}

/** SQLSTATE of "there is a database of that name". */
const DUPLICATE_DATABASE = '42P04';

function passIfItExists(error: Error & { code?: string }): void {
  if (error.code !== DUPLICATE_DATABASE) throw error;
}
