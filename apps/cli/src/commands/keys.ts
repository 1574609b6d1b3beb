// tintype keys: make, list and revoke API keys.
import { parseArgs } from 'node:util';
import { type Database, makeApiKey, SCOPES, type Scope, USER_SCOPES } from '@tintype/prisma';
import { type Actions, named, runAction } from '../actions.ts';
import { findPerson } from '../people.ts';
import { checkPlan } from '../plan-names.ts';
import { shown } from '../shown.ts';
import { UsageError } from '../usage.ts';

const DAY_MS = 86_400_000;

const ACTIONS: Actions = new Map([
  ['create', create],
  ['list', list],
  ['revoke', revoke],
]);

export function keys(args: string[]): Promise<void> {
  return runAction('keys', ACTIONS, args);
}

async function create(args: string[], db: Database): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      name: { type: 'string', default: 'cli' },
      tenant: { type: 'string' },
      user: { type: 'string' },
      scopes: { type: 'string' },
      plan: { type: 'string' },
      'expires-in-days': { type: 'string' },
      admin: { type: 'boolean', default: false },
    },
  });
  const expiresAt = expiryOf(values['expires-in-days']);
  const scopes = scopesOf(values.scopes, values.admin);
  if (values.plan !== undefined) await checkPlan(values.plan, db);
  const tenantId = await ownerOf({ ...values, isForOperator: scopes.includes('admin') }, db);
  const { id, key, secretSha256 } = makeApiKey();
  const given = { id, name: values.name, secretSha256, expiresAt, scopes, planName: values.plan ?? null };
  if ((await db.apiKeys.create(tenantId, given)) === undefined)
    throw new Error('The account is being deleted.');
  process.stdout.write(`${key}\n`);
}

function expiryOf(days: string | undefined): Date | null {
  if (days === undefined) return null;
  if (!/^[1-9]\d{0,4}$/.test(days)) throw new UsageError('--expires-in-days must be a whole number of days.');
  return new Date(Date.now() + Number(days) * DAY_MS);
}

function scopesOf(text: string | undefined, isAdmin: boolean): Scope[] {
  const wanted: readonly string[] = text?.split(',').map((scope) => scope.trim()) ?? USER_SCOPES;
  const unknown = wanted.find((scope) => !SCOPES.some((one) => one === scope));
  if (unknown !== undefined)
    throw new UsageError(`--scopes must be some of ${SCOPES.join(',')}, not "${unknown}".`);
  return SCOPES.filter((scope) => wanted.includes(scope) || (scope === 'admin' && isAdmin));
}

async function ownerOf(
  { tenant, user, isForOperator }: { tenant?: string; user?: string; isForOperator: boolean },
  db: Database,
): Promise<string> {
  if (user === undefined) return db.allApiKeys.ensureTenant(tenant ?? 'default');
  if (tenant !== undefined) throw new UsageError('A key belongs to a --tenant or to a --user, not to both.');
  const person = await findPerson(user, db);
  if (isForOperator && !person.isAdmin)
    throw new Error(`${user} does not operate the service: "tintype admin grant ${user}" first.`);
  return person.tenantId;
}

async function list(args: string[], db: Database): Promise<void> {
  parseArgs({ args });
  for (const key of await db.allApiKeys.list()) {
    const { id, name, scopes, planName, createdAt } = key;
    const state = stateOf(key).padEnd(7);
    const plan = planName === null ? [] : [`plan=${planName}`];
    process.stdout.write(
      `${[id, state, createdAt.toISOString(), shown(name), scopes.join(','), ...plan].join('  ')}\n`,
    );
  }
}

function stateOf({ revokedAt, expiresAt }: { revokedAt: Date | null; expiresAt: Date | null }): string {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && expiresAt <= new Date() ? 'expired' : 'live';
}

async function revoke(args: string[], db: Database): Promise<void> {
  const { positionals } = parseArgs({ args, allowPositionals: true });
  const [id = ''] = named(positionals, 'Name the key to revoke by its id.');
  if (!(await db.allApiKeys.revoke(id))) throw new Error(`There is no live key ${id}.`);
  process.stdout.write(`revoked ${id}\n`);
}
