// tintype keys: make, list and revoke API keys.
import { parseArgs } from 'node:util';
import { type Database, makeApiKey, openDatabase } from '@tintype/prisma';
import { readDatabaseUrl } from '../settings.ts';
import { UsageError } from '../usage.ts';

const DAY_MS = 86_400_000;

export async function keys([action, ...args]: string[]): Promise<void> {
  const run = action === undefined ? undefined : ACTIONS.get(action);
  if (run === undefined) throw new UsageError('Say "keys create", "keys list" or "keys revoke".');
  const db = openDatabase({ url: readDatabaseUrl(), poolSize: 1 });
  try {
    await run(args, db);
  } finally {
    await db.close();
  }
}

const ACTIONS = new Map([
  ['create', create],
  ['list', list],
  ['revoke', revoke],
]);

async function create(args: string[], db: Database): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      name: { type: 'string', default: 'cli' },
      tenant: { type: 'string', default: 'default' },
      'expires-in-days': { type: 'string' },
      admin: { type: 'boolean', default: false },
    },
  });
  const expiresAt = expiryOf(values['expires-in-days']);
  const tenantId = await db.apiKeys.ensureTenant(values.tenant);
  const { id, key, secretSha256 } = makeApiKey();
  const scopes = values.admin ? ['admin'] : [];
  await db.apiKeys.create({ id, tenantId, name: values.name, secretSha256, expiresAt, scopes });
  process.stdout.write(`${key}\n`);
}

function expiryOf(days: string | undefined): Date | null {
  if (days === undefined) return null;
  if (!/^[1-9]\d{0,4}$/.test(days)) throw new UsageError('--expires-in-days must be a whole number of days.');
  return new Date(Date.now() + Number(days) * DAY_MS);
}

async function list(_args: string[], db: Database): Promise<void> {
  for (const { id, name, scopes, createdAt, expiresAt, revokedAt } of await db.apiKeys.list()) {
    const state =
      revokedAt !== null ? 'revoked' : expiresAt !== null && expiresAt <= new Date() ? 'expired' : 'live';
    process.stdout.write(
      `${id}  ${state.padEnd(7)}  ${createdAt.toISOString()}  ${[name, ...scopes].join('  ')}\n`,
    );
  }
}

async function revoke([id]: string[], db: Database): Promise<void> {
  if (id === undefined) throw new UsageError('Name the key to revoke by its id.');
  if (!(await db.apiKeys.revoke(id))) throw new Error(`There is no live key ${id}.`);
  process.stdout.write(`revoked ${id}\n`);
}
