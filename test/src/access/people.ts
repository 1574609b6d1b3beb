// People of every role that principals need, each with all that he could show.
import { randomUUID } from 'node:crypto';
import type { Account, Accounts, Headers, Key } from './accounts.ts';
import { good, type Order, type Send } from './http.ts';
import { ADMIN_GROUP, type Issuer } from './issuer.ts';

export type Role =
  | 'owner'
  | 'other'
  | 'suspended'
  | 'deleted'
  | 'administrator'
  | 'former administrator'
  | 'owner by token'
  | 'other by token'
  | 'administrator by token';

export interface Person extends Account {
  role: Role;
  /** Shows that it is he, by session or token: may all that he may. */
  self: Headers;
  /** With the scopes of a person, and `admin` where he was an administrator when it was made. */
  key: Key;
  /** What the OIDC provider calls him; undefined: he has a password. */
  subject: string | undefined;
}

export interface Ground {
  accounts: Accounts;
  issuer: Issuer;
  send: Send;
}

export async function makePerson(role: Role, ground: Ground): Promise<Person> {
  const { accounts } = ground;
  if (role.endsWith('by token')) return makeByToken(role, ground);
  const isAdmin = role.endsWith('administrator');
  const account = await accounts.person({ isAdmin });
  const [self, key] = await Promise.all([
    accounts.session(account),
    accounts.key(account, isAdmin ? { scopes: ['admin'] } : {}),
  ]);
  const person = { ...account, role, self, key, subject: undefined };
  // What he shows was good until now.
  if (role === 'suspended') await accounts.db.users.update(person.userId, { suspended: true });
  if (role === 'deleted') await accounts.db.users.remove(person.userId);
  if (role === 'former administrator') await accounts.db.users.update(person.userId, { isAdmin: false });
  return person;
}

/** A person of the provider begins to exist here when he comes for the first time. */
async function makeByToken(role: Role, { accounts, issuer, send }: Ground): Promise<Person> {
  const subject = randomUUID();
  const claims = role === 'administrator by token' ? { 'cognito:groups': [ADMIN_GROUP] } : {};
  const self = { authorization: `Bearer ${issuer.token(subject, claims)}` };
  const order: Order = { method: 'GET', path: '/v1/users/me', headers: self };
  good(order, await send(order));
  const [row] = await accounts.rows<Account>(
    'SELECT id AS "userId", tenant_id AS "tenantId", \'\' AS email FROM users WHERE subject = $1',
    [subject],
  );
  if (row === undefined) throw new Error('A person of the provider was let in and is not known.');
  return { ...row, role, self, key: await accounts.key(row), subject };
}
