// Who stands behind each name of the table of expectations, and what he shows.
import type { Headers, Key } from './accounts.ts';
import { type PrincipalName, USER_SCOPES } from './expectations.ts';
import { good } from './http.ts';
import type { Ground, Person, Role } from './people.ts';

interface Principal {
  role: Role;
  /** Made anew where it is no more than a variation of what the person has. `access` is the route's. */
  show(person: Person, ground: Ground, access: string | undefined): Headers | Promise<Headers>;
}

const HOUR_SECONDS = 3600;
const anHourAgo = () => new Date(Date.now() - HOUR_SECONDS * 1000);
const self: Principal['show'] = (person) => person.self;
const key: Principal['show'] = (person) => person.key.headers;
const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });
const subjectOf = ({ subject = '' }: Person) => subject;

export const SHOWN: Record<PrincipalName, Principal> = {
  anonymous: { role: 'owner', show: () => ({}) },
  'owner, key': { role: 'owner', show: key },
  'owner, session': { role: 'owner', show: self },
  'owner, token': { role: 'owner by token', show: self },
  'other tenant, key': { role: 'other', show: key },
  'other tenant, session': { role: 'other', show: self },
  'other tenant, token': { role: 'other by token', show: self },
  'key without the scope': {
    role: 'owner',
    show: async (person, { accounts }, access) => {
      const scopes = USER_SCOPES.filter((scope) => scope !== access);
      return (await accounts.key(person, { scopes })).headers;
    },
  },
  'key with a wrong secret': {
    role: 'owner',
    show: async (person, { accounts }) => withSecretOf(person.key, await accounts.key(person)),
  },
  'expired key': {
    role: 'owner',
    show: async (person, { accounts }) => (await accounts.key(person, { expiresAt: anHourAgo() })).headers,
  },
  'revoked key': {
    role: 'owner',
    show: async (person, { accounts }) => {
      const { id, headers } = await accounts.key(person);
      await accounts.db.apiKeys.revoke(person.tenantId, id);
      return headers;
    },
  },
  'expired session': {
    role: 'owner',
    show: (person, { accounts }) => accounts.session(person, { expiresAt: anHourAgo() }),
  },
  'ended session': {
    role: 'owner',
    show: async (person, { accounts, send }) => {
      const headers = await accounts.session(person);
      const order = { method: 'DELETE', path: '/v1/sessions/current', headers };
      good(order, await send(order));
      return headers;
    },
  },
  'expired token': {
    role: 'owner by token',
    show: (person, { issuer }) =>
      bearer(issuer.token(subjectOf(person), { exp: Math.floor(anHourAgo().getTime() / 1000) })),
  },
  'forged token': {
    role: 'owner by token',
    show: (person, { issuer }) => bearer(issuer.forge(subjectOf(person))),
  },
  'token for another audience': {
    role: 'owner by token',
    show: (person, { issuer }) => bearer(issuer.token(subjectOf(person), { aud: 'another' })),
  },
  'suspended user, key': { role: 'suspended', show: key },
  'suspended user, session': { role: 'suspended', show: self },
  'deleted account, key': { role: 'deleted', show: key },
  'deleted account, session': { role: 'deleted', show: self },
  'administrator, key': { role: 'administrator', show: key },
  'administrator, session': { role: 'administrator', show: self },
  'administrator, token': { role: 'administrator by token', show: self },
  'administrator, key without admin': {
    role: 'administrator',
    show: async (person, { accounts }) => (await accounts.key(person)).headers,
  },
  'former administrator, key': {
    role: 'former administrator',
    show: async (person, { accounts }) =>
      (await accounts.key(person, { scopes: [...USER_SCOPES, 'admin'] })).headers,
  },
  'former administrator, session': { role: 'former administrator', show: self },
};

/** The id of one key, with the secret and the checksum of another. */
function withSecretOf(one: Key, other: Key): Headers {
  return { 'x-api-key': one.text.replace(/_[^_]+$/, other.text.slice(other.text.lastIndexOf('_'))) };
}

export function ownsThings(principal: PrincipalName): boolean {
  return SHOWN[principal].role.startsWith('owner') || principal === 'anonymous';
}
