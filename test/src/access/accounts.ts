// People of all kinds, and what they show to be let in. Made straight in the database where a request would take the time of a password.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { hashPassword } from '@tintype/core';
import { type Database, makeApiKey, openDatabase, type Scope } from '@tintype/prisma';
import pg from 'pg';
import type { Order } from './http.ts';

export type Headers = Record<string, string>;

export interface Account {
  userId: string;
  tenantId: string;
  email: string;
}

export interface KeyAbout {
  /** By default all that a person has with what is his. */
  scopes?: readonly Scope[];
  expiresAt?: Date;
  planName?: string;
}

export interface Key {
  id: string;
  text: string;
  headers: Headers;
}

export interface Accounts {
  db: Database;
  /** Asks the database past the service. */
  rows<Row extends object>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** Somebody new, who logs in with {@link PASSWORD}. */
  person(about?: { isAdmin?: boolean; planName?: string }): Promise<Account>;
  key(account: Account, about?: KeyAbout): Promise<Key>;
  session(account: Account, about?: { expiresAt?: Date }): Promise<Headers>;
  close(): Promise<void>;
}

export const PASSWORD = 'a long password, known to nobody';
/** Where SECURE_COOKIES is what it is by default. */
export const COOKIE = '__Host-tintype';
const DAY_MS = 86_400_000;

export async function openAccounts(databaseUrl: string): Promise<Accounts> {
  const db = openDatabase({ url: databaseUrl, poolSize: 4 });
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
  pool.on('error', () => undefined);
  const passwordHash = await hashPassword(PASSWORD);

  return {
    db,
    rows: async (sql, values) => (await pool.query(sql, values)).rows,
    person: async ({ isAdmin = false, planName = 'unlimited' } = {}) => {
      const email = newEmail();
      const user = await db.users.create({ email, name: null, passwordHash, planName, isAdmin });
      if (user === undefined) throw new Error(`${email} is taken.`);
      return { userId: user.id, tenantId: user.tenantId, email };
    },
    key: async ({ tenantId }, about = {}) => {
      const { id, key, secretSha256 } = makeApiKey();
      await db.apiKeys.create(tenantId, { id, name: 'access', secretSha256, ...about });
      return { id, text: key, headers: { 'x-api-key': key } };
    },
    session: async ({ userId }, { expiresAt = new Date(Date.now() + DAY_MS) } = {}) => {
      const token = randomBytes(32).toString('base64url');
      const tokenSha256 = createHash('sha256').update(token).digest();
      await db.sessions.create({ userId, tokenSha256, userAgent: null, expiresAt });
      return { cookie: `${COOKIE}=${token}` };
    },
    close: async () => {
      await pool.end();
      await db.close();
    },
  };
}

export function newEmail(): string {
  return `${randomUUID()}@example.com`;
}

/** The cookie that an answer sets, as it comes back with the next request. */
export function cookieOf({ headers }: { headers: Record<string, string | string[] | undefined> }): Headers {
  const [cookie = ''] = [headers['set-cookie'] ?? ''].flat();
  return { cookie: cookie.split(';')[0] ?? '' };
}

export function loginOrder(email: string, password = PASSWORD): Order {
  return {
    method: 'POST',
    path: '/v1/sessions',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  };
}
