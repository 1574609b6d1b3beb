// tintype admin: people, who of them operates the service, on which plan they are, and who is let in.
import { parseArgs } from 'node:util';
import { faultOfFilesPrefix, filesPrefix } from '@tintype/core';
import type { Database, UserRow } from '@tintype/prisma';
import { type Actions, named, runAction } from '../actions.ts';
import { newPassword } from '../passwords.ts';
import { checkEmail, findPerson } from '../people.ts';
import { checkPlan } from '../plan-names.ts';
import { readDefaultPlan } from '../settings.ts';
import { shown } from '../shown.ts';
import { UsageError } from '../usage.ts';

const PAGE = 500;

const ACTIONS: Actions = new Map([
  ['create-user', createUser],
  ['list-users', listUsers],
  ['grant', change({ isAdmin: true }, 'operates the service now')],
  ['revoke', change({ isAdmin: false }, 'operates the service no more')],
  ['suspend', change({ suspended: true }, 'is suspended: whatever is asked for is answered 403')],
  ['resume', change({ suspended: false }, 'is let in again')],
  ['plan', setPlan],
  ['files', setFilesPrefix],
  ['reset-password', resetPassword],
]);

export function admin(args: string[]): Promise<void> {
  return runAction('admin', ACTIONS, args);
}

const WHOM = 'Name one person by address.';
const onStdin = { 'password-stdin': { type: 'boolean', default: false } } as const;

async function createUser(args: string[], db: Database): Promise<void> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...onStdin,
      name: { type: 'string' },
      plan: { type: 'string' },
      admin: { type: 'boolean', default: false },
    },
  });
  const [email = ''] = named(positionals, WHOM);
  checkEmail(email);
  const planName = values.plan ?? readDefaultPlan();
  await checkPlan(planName, db);
  const { passwordHash, generated } = await newPassword({ isOnStdin: values['password-stdin'] });
  const person = { email, name: values.name ?? null, passwordHash, planName, isAdmin: values.admin };
  if ((await db.users.create(person)) === undefined)
    throw new Error(
      `There is an account ${email} already. "tintype admin reset-password" lets its owner in.`,
    );
  process.stdout.write(`made ${email}, plan ${planName}\n`);
  printPassword(generated);
}

async function listUsers(args: string[], db: Database): Promise<void> {
  parseArgs({ args });
  let after: string | undefined;
  do {
    const page = await db.users.list({ after, limit: PAGE });
    for (const person of page) process.stdout.write(`${lineOf(person)}\n`);
    after = page.length === PAGE ? page.at(-1)?.id : undefined;
  } while (after !== undefined);
}

function lineOf({ id, email, name, isAdmin, planName, suspendedAt, issuer, createdAt }: UserRow): string {
  const state = suspendedAt === null ? 'active   ' : 'suspended';
  const who = [email ?? '–', name, isAdmin ? 'admin' : null, issuer].filter((part) => part !== null);
  return [id, state, createdAt.toISOString(), planName.padEnd(9), ...who.map(shown)].join('  ');
}

function change(what: Parameters<Database['users']['update']>[1], effect: string) {
  return async (args: string[], db: Database): Promise<void> => {
    const { positionals } = parseArgs({ args, allowPositionals: true });
    const [name = ''] = named(positionals, WHOM);
    const { id } = await findPerson(name, db);
    await db.users.update(id, what);
    process.stdout.write(`${name} ${effect}\n`);
  };
}

async function setPlan(args: string[], db: Database): Promise<void> {
  const { positionals } = parseArgs({ args, allowPositionals: true });
  const [name = '', planName = ''] = named(positionals, 'Name one person by address, and a plan.', 2);
  const { id } = await findPerson(name, db);
  await checkPlan(planName, db);
  await db.users.update(id, { planName });
  process.stdout.write(`${name} is on the plan ${planName} now\n`);
}

async function setFilesPrefix(args: string[], db: Database): Promise<void> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { tenant: { type: 'string' } },
  });
  const { tenant } = values;
  const what = 'Name one person by address, or a --tenant; and a prefix, or "none".';
  const [prefix = '', name = ''] = named(positionals, what, tenant === undefined ? 2 : 1).reverse();
  const tenantId =
    tenant === undefined ? (await findPerson(name, db)).tenantId : await db.allApiKeys.findTenant(tenant);
  if (tenantId === undefined) throw new Error(`There is no tenant "${tenant}".`);
  const fault = prefix === 'none' ? undefined : faultOfFilesPrefix(prefix, tenantId);
  if (fault !== undefined) throw new UsageError(`The prefix ${fault}.`);
  await db.allApiKeys.setFilesPrefix(tenantId, prefix === 'none' ? null : prefix);
  const where = prefix === 'none' ? filesPrefix(tenantId) : prefix;
  process.stdout.write(`${tenant ?? name} delivers files from ${shown(where)} now\n`);
}

async function resetPassword(args: string[], db: Database): Promise<void> {
  const { positionals, values } = parseArgs({ args, allowPositionals: true, options: onStdin });
  const [name = ''] = named(positionals, WHOM);
  const { id, issuer } = await findPerson(name, db);
  if (issuer !== null) throw new Error(`${name} logs in by ${shown(issuer)} and has no password here.`);
  const { passwordHash, generated } = await newPassword({ isOnStdin: values['password-stdin'] });
  await db.users.setPassword(id, passwordHash);
  process.stdout.write(`${name} has a new password and is logged out everywhere\n`);
  printPassword(generated);
}

function printPassword(generated: string | undefined): void {
  if (generated !== undefined) process.stdout.write(`password: ${generated}\n`);
}
