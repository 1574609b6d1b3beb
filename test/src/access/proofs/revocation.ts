// What is taken back in one process is taken back in the other, soon: keys, sessions, accounts, the rights of an administrator. So is who
// is suspended.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Account,
  type Accounts,
  cookieOf,
  type Headers,
  type Key,
  loginOrder,
  PASSWORD,
} from '../accounts.ts';
import { good, json, type Order, send } from '../http.ts';
import type { Measured, Proof } from '../proof.ts';

const MOST_MS = 5000;
const LOOK_EVERY_MS = 25;
/** Long enough to see how late it is. */
const PATIENCE_MS = 15_000;

/** Logged in twice, as people are. */
interface Newcomer extends Account {
  key: Key;
  session: Headers;
  another: Headers;
}

interface Case {
  what: string;
  /** What works in the other process until it is taken. */
  shown(who: Newcomer): Headers;
  /** In the one process. `admin` is what an administrator shows. */
  take(who: Newcomer, admin: Headers): Order;
  /** What is asked for in the other process, by default something that looks nobody up; and how it is refused there in the end. */
  path?: string;
  refusal: string;
}

const GONE = '401 UNAUTHENTICATED';
const OFF = '403 ACCOUNT_SUSPENDED';
const key: Case['shown'] = (who) => who.key.headers;
const session: Case['shown'] = (who) => who.session;
const leave: Case['take'] = ({ another }) => order('DELETE', '/v1/users/me', another, { password: PASSWORD });
const administer =
  (change: object): Case['take'] =>
  ({ userId }, admin) =>
    order('PATCH', `/v1/users/${userId}`, admin, change);

const CASES: readonly Case[] = [
  {
    what: 'revoked key',
    shown: key,
    take: (who) => order('DELETE', `/v1/api-keys/${who.key.id}`, who.session),
    refusal: GONE,
  },
  {
    what: 'key rotated without overlap',
    shown: key,
    take: (who) => order('POST', `/v1/api-keys/${who.key.id}/rotate`, who.session, { overlapSeconds: 0 }),
    refusal: GONE,
  },
  {
    what: 'ended session',
    shown: session,
    take: (who) => order('DELETE', '/v1/sessions/current', who.session),
    refusal: GONE,
  },
  {
    what: 'session before a new password',
    shown: session,
    take: ({ another }) => {
      const change = { currentPassword: PASSWORD, newPassword: `${PASSWORD} and more` };
      return order('PUT', '/v1/users/me/password', another, change);
    },
    refusal: GONE,
  },
  { what: 'key of a deleted account', shown: key, take: leave, refusal: GONE },
  { what: 'session of a deleted account', shown: session, take: leave, refusal: GONE },
  { what: 'key of a suspended user', shown: key, take: administer({ suspended: true }), refusal: OFF },
  {
    what: 'session of a suspended user',
    shown: session,
    take: administer({ suspended: true }),
    refusal: OFF,
  },
  {
    what: 'session of a former administrator',
    shown: session,
    take: administer({ admin: false }),
    path: '/v1/users',
    refusal: '403 FORBIDDEN',
  },
];

export const revocation: Proof = {
  name: 'revocation',
  says: `what is revoked, ended, deleted or suspended in one process is refused by the other within ${MOST_MS / 1000} s`,
  run: async ({ service, accounts }) => {
    const [here, there] = service.withRedis.map(({ address }) => address) as [string, string];
    const admin = await accounts.session(await accounts.person({ isAdmin: true }));
    const times = await Promise.all(
      CASES.map(async (one) => {
        const isAdmin = one.path !== undefined;
        return measure(one, { who: await newcomer(here, { accounts, isAdmin }), admin, here, there });
      }),
    );
    return judge(times);
  },
};

async function newcomer(
  address: string,
  { accounts, isAdmin }: { accounts: Accounts; isAdmin: boolean },
): Promise<Newcomer> {
  const account = await accounts.person({ isAdmin });
  const login = loginOrder(account.email);
  const logIn = async () => {
    const answer = await send(address, login);
    good(login, answer);
    return cookieOf(answer);
  };
  const [first, second] = await Promise.all([logIn(), logIn()]);
  return { ...account, key: await accounts.key(account), session: first, another: second };
}

/** From the answer of the one process to the first refusal of the other, which has been sure until then. NaN: there was none. */
async function measure(
  { shown, take, path = '/v1/plans', refusal }: Case,
  { who, admin, here, there }: { who: Newcomer; admin: Headers; here: string; there: string },
): Promise<number> {
  const look = order('GET', path, shown(who));
  const taking = take(who, admin);
  good(look, await send(there, look));
  good(taking, await send(here, taking));
  const takenAt = performance.now();
  for (;;) {
    const { status, code } = await send(there, look);
    const ms = performance.now() - takenAt;
    if (`${status} ${code}` === refusal) return ms;
    if (ms > PATIENCE_MS) return Number.NaN;
    await sleep(LOOK_EVERY_MS);
  }
}

function judge(times: readonly number[]): Measured {
  const seconds = times.map((ms) =>
    Number.isNaN(ms) ? `more than ${PATIENCE_MS / 1000}` : (ms / 1000).toFixed(2),
  );
  const figures = CASES.map(({ what }, index) => `${what} ${seconds[index]} s`);
  return {
    figure: figures.join(', '),
    failures: figures.filter((_, index) => !((times[index] ?? Number.NaN) <= MOST_MS)),
  };
}

function order(method: string, path: string, shown: Headers, body?: object): Order {
  const content = body === undefined ? { headers: {} } : json(body);
  return { method, path, ...content, headers: { ...shown, ...content.headers } };
}
