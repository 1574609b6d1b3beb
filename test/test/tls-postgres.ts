// A PostgreSQL as a provider rents it out: nobody comes in but with TLS and a password, and who administers it is no superuser.
import { chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from '@tintype/local';
import pg from 'pg';
import t from 'tap';
import type { Authority } from './certificates.ts';

export interface TlsPostgres {
  port: number;
  /** Past passwords and TLS, for who looks on. */
  query: <Row extends object>(sql: string) => Promise<Row[]>;
  /** What the server has logged, line by line: each change of roles and databases among it. */
  log: string[];
}

/** May make roles and databases, as the master user of Amazon RDS. */
export const ADMIN = { user: 'admin', password: 'of the admin: p@ss/w%rd?' } as const;

/** Ended when the test file ends. */
export async function startTlsPostgres({ certificate, key }: Authority): Promise<TlsPostgres> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tintype-tls-'));
  const dataDir = path.join(folder, 'postgres');
  const log: string[] = [];
  const server = await startPostgres({ dataDir, durable: false, log: (line) => log.push(line) });
  const pool = new pg.Pool({ connectionString: server.url, max: 1 });
  // tap may end the server while a connection still says goodbye.
  pool.on('error', () => undefined);
  t.teardown(async () => {
    await pool.end();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const owner = statSync(path.join(dataDir, 'pg_hba.conf'));
  const write = (name: string, text: string) => {
    const file = path.join(dataDir, name);
    writeFileSync(file, text, { mode: 0o600 });
    chownSync(file, owner.uid, owner.gid);
  };
  write('server.crt', certificate);
  write('server.key', key);
  write('pg_hba.conf', 'host all postgres 127.0.0.1/32 trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n');
  const { user, password } = ADMIN;
  await pool.query(`CREATE ROLE ${user} LOGIN CREATEDB CREATEROLE PASSWORD ${pg.escapeLiteral(password)}`);
  await pool.query('ALTER SYSTEM SET ssl = on');
  await pool.query("ALTER SYSTEM SET log_statement = 'ddl'");
  await pool.query('SELECT pg_reload_conf()');
  for (const deadline = Date.now() + 30_000; !(await isEncrypted(server.port)); await sleep(50))
    if (Date.now() > deadline) throw new Error('PostgreSQL never took up TLS.');
  return { port: server.port, query: async (sql) => (await pool.query(sql)).rows, log };
}

async function isEncrypted(port: number): Promise<boolean> {
  const connectionString = `postgres://postgres@127.0.0.1:${port}/postgres?sslmode=no-verify`;
  const client = new pg.Client({ connectionString });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}
