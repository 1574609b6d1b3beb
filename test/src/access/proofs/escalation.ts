// Nobody makes himself more than he is: no administrator, no other person, no tenant of a larger plan.
import { newEmail, PASSWORD } from '../accounts.ts';
import { json, type Order } from '../http.ts';
import { makePerson, type Person, type Role } from '../people.ts';
import type { Proof, ProofGround } from '../proof.ts';

interface Attempt {
  what: string;
  by: Role;
  order(who: Person): readonly [method: string, path: string, body: object];
  answer: string;
}

const withScopes = (...scopes: string[]) => ['POST', '/v1/api-keys', { name: 'more', scopes }] as const;
const register = (more: object) =>
  ['POST', '/v1/users', { email: newEmail(), password: PASSWORD, ...more }] as const;
const FORBIDDEN = '403 FORBIDDEN';
const INVALID = '400 INVALID_REQUEST';

const ATTEMPTS: readonly Attempt[] = [
  { what: 'a key of an administrator', by: 'owner', order: () => withScopes('admin'), answer: FORBIDDEN },
  {
    what: 'a key of an administrator by a token',
    by: 'owner by token',
    order: () => withScopes('admin'),
    answer: FORBIDDEN,
  },
  {
    what: 'a key that outlives the group of a token',
    by: 'administrator by token',
    order: () => withScopes('admin'),
    answer: FORBIDDEN,
  },
  {
    what: 'a key of a former administrator',
    by: 'former administrator',
    order: () => withScopes('images:read', 'admin'),
    answer: FORBIDDEN,
  },
  { what: 'a scope that there is not', by: 'owner', order: () => withScopes('*'), answer: INVALID },
  {
    what: 'rights in one’s own account',
    by: 'owner',
    order: () => ['PATCH', '/v1/users/me', { admin: true }],
    answer: INVALID,
  },
  {
    what: 'a plan in one’s own account',
    by: 'owner',
    order: () => ['PATCH', '/v1/users/me', { plan: 'unlimited' }],
    answer: INVALID,
  },
  {
    what: 'rights by the way of administrators',
    by: 'owner',
    order: ({ userId }) => ['PATCH', `/v1/users/${userId}`, { admin: true }],
    answer: FORBIDDEN,
  },
  { what: 'rights at registration', by: 'owner', order: () => register({ admin: true }), answer: INVALID },
  {
    what: 'a plan at registration',
    by: 'owner',
    order: () => register({ plan: 'unlimited' }),
    answer: INVALID,
  },
  {
    what: 'a tenant at registration',
    by: 'owner',
    order: ({ tenantId }) => register({ tenantId }),
    answer: INVALID,
  },
];

export const escalation: Proof = {
  name: 'escalation',
  says: 'nobody gives himself rights, a plan or a tenant that he has not',
  run: async ({ service, accounts, stage }: ProofGround) => {
    const ground = { accounts, issuer: service.issuer, send: stage.send };
    const answers = await Promise.all(
      ATTEMPTS.map(async ({ by, order }) => {
        const who = await makePerson(by, ground);
        const [method, path, body] = order(who);
        const content = json(body);
        const wanted: Order = { method, path, ...content, headers: { ...content.headers, ...who.self } };
        const { status, code } = await stage.send(wanted);
        return `${status} ${code}`;
      }),
    );
    const failures = ATTEMPTS.flatMap(({ what, answer }, at) =>
      answers[at] === answer ? [] : [`${what}: ${answers[at]} instead of ${answer}`],
    );
    return { figure: `${ATTEMPTS.length} attempts, ${ATTEMPTS.length - failures.length} refused`, failures };
  },
};
