// A PostgreSQL of one scenario's own: a copy of a prepared folder, behind a proxy, that can die and come back.
import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type PostgresServer, startPostgres, startTcpProxy, type TcpProxy } from '@tintype/local';
import pg from 'pg';
import { DATABASE } from './prepared-postgres.ts';

export interface FaultyPostgres {
  proxy: TcpProxy;
  /** By way of the proxy. */
  url: string;
  /** Asks past the proxy; while the server is away, waits for it. */
  rows<Row extends object>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** Ends at once: SIGKILL as if by the kernel, SIGQUIT as `pg_ctl stop -m immediate` does. */
  end(signal: 'SIGKILL' | 'SIGQUIT'): Promise<void>;
  /** Starts again on the same folder and port. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const PATIENCE_MS = 20_000;

export async function openPostgres(prepared: string, folder: string): Promise<FaultyPostgres> {
  const dataDir = path.join(folder, 'postgres');
  await cp(prepared, dataDir, { recursive: true, preserveTimestamps: true });
  const start = (port?: number) =>
    startPostgres({ dataDir, maxConnections: 200, ...(port !== undefined && { port }) });
  let server: PostgresServer = await start();
  const { port } = server;
  const straight = new URL(server.url);
  straight.pathname = `/${DATABASE}`;
  const proxy = await startTcpProxy({ port });
  const pool = new pg.Pool({
    connectionString: straight.href,
    max: 2,
    connectionTimeoutMillis: 2000,
    // Settings that make the service's writes fail are not meant for who looks on.
    options: '-c default_transaction_read_only=off',
  });
  pool.on('error', () => undefined);

  async function rows<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
    for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(100)) {
      try {
        return (await pool.query<Row>(sql, values)).rows;
      } catch (error) {
        // An answer of the server itself is no matter of time.
        const { code = '' } = error as NodeJS.ErrnoException;
        if (Date.now() > deadline || (/^[0-9A-Z]{5}$/.test(code) && !code.startsWith('57'))) throw error;
      }
    }
  }

  return {
    proxy,
    url: proxy.through(straight.href),
    rows,
    end: async (signal) => {
      process.kill(server.pid, signal);
      await server.exited;
    },
    start: async () => {
      server = await start(port);
    },
    stop: async () => {
      await pool.end();
      await proxy.close();
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
