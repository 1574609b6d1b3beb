// Opens PostgreSQL through Prisma with a bound on every wait; knows no table.
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.ts';

export interface ConnectOptions {
  /** `postgres://user:password@host:port/database` */
  url: string;
  poolSize?: number;
  /** Longest wait for a connection. `pg` waits for ever by default. */
  connectTimeoutMs?: number;
  statementTimeoutMs?: number;
  lockTimeoutMs?: number;
}

export function connect(options: ConnectOptions): PrismaClient {
  const {
    url,
    poolSize = 10,
    connectTimeoutMs = 3000,
    statementTimeoutMs = 5000,
    lockTimeoutMs = 2000,
  } = options;
  const adapter = new PrismaPg({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: connectTimeoutMs,
    // The server ends what runs too long; the client gives up a little later when the server itself is gone.
    statement_timeout: statementTimeoutMs,
    lock_timeout: lockTimeoutMs,
    query_timeout: statementTimeoutMs + 1000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: 'tintype',
  });
  return new PrismaClient({ adapter });
}
