// Opens PostgreSQL through Prisma with a bound on every wait; knows no table.
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { isDatabaseSilent } from './errors.ts';
import { Prisma, PrismaClient } from './generated/client.ts';

export interface ConnectOptions {
  /** `postgres://user:password@host:port/database` */
  url: string;
  poolSize?: number;
  /** Longest wait for a connection. `pg` waits for ever by default. */
  connectTimeoutMs?: number;
  statementTimeoutMs?: number;
  lockTimeoutMs?: number;
}

const MAX_NAMED_STATEMENTS = 200;

/** Begins a statement that is planned for the values it comes with, each time, and uses up no name: one of many shapes. */
export const PLANNED_ANEW = Prisma.raw('/* planned anew */');

/**
 * Ends its connection when an answer does not come in time. By itself `pg` would give the connection of a transaction back to the pool,
 * the transaction still open: whatever came next would be written into it and never be committed.
 */
class BoundedClient extends pg.Client {
  override query(...args: unknown[]): never {
    const answer: unknown = Reflect.apply(super.query, this, args);
    if (answer instanceof Promise)
      answer.catch((error: unknown) => {
        if (isDatabaseSilent(error)) void this.end();
      });
    return answer as never;
  }
}

export function connect(options: ConnectOptions): PrismaClient {
  const {
    url,
    poolSize = 10,
    connectTimeoutMs = 3000,
    statementTimeoutMs = 5000,
    lockTimeoutMs = 2000,
  } = options;
  const adapter = new PrismaPg(
    {
      Client: BoundedClient,
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
      // Every query here finds few rows by an index. A plan made while the tables were empty must not say otherwise later.
      options: '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off',
    },
    // Named statements are planned once a connection, not once a call.
    { statementNameGenerator: ({ sql }) => nameStatement(sql) },
  );
  return new PrismaClient({ adapter });
}

const names = new Map<string, string>();

/** One name for each text. The texts are the program's own and few; what is beyond them stays unnamed. */
function nameStatement(sql: string): string {
  if (sql.startsWith(PLANNED_ANEW.sql)) return '';
  const known = names.get(sql);
  if (known !== undefined) return known;
  const name = names.size < MAX_NAMED_STATEMENTS ? `tintype_${names.size}` : '';
  if (name !== '') names.set(sql, name);
  return name;
}
