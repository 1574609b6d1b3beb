// N requests are let through and the next is not, whichever of two processes they come to.
import { randomUUID } from 'node:crypto';
import { NO_LIMITS, type PlanLimits } from '@tintype/prisma';
import type { Accounts, Headers } from '../accounts.ts';
import { type Answer, send } from '../http.ts';
import { type Measured, type Proof, together } from '../proof.ts';
import type { Api } from '../service.ts';
import { clockOfPostgres, clockOfRedis, type StoreClock } from '../store-clock.ts';

const A_DAY = 40;
const A_SECOND = 12;
const BEYOND = 8;
const TRIES = 15;
/** What a burst may take, with much to spare. */
const BURST_MS = 10_000;

interface Counting {
  apis: readonly Api[];
  clock: StoreClock;
  accounts: Accounts;
}

export const limitsWithRedis: Proof = {
  name: 'limits-redis',
  says: 'a plan is counted exactly over two processes that share a Redis',
  run: ({ service, accounts }) =>
    measure({ apis: service.withRedis, clock: clockOfRedis(service.redisUrl), accounts }),
};

export const limitsWithPostgres: Proof = {
  name: 'limits-postgres',
  says: 'a plan is counted exactly over two processes that share nothing but PostgreSQL',
  run: ({ service, accounts }) =>
    measure({ apis: service.withPostgres, clock: clockOfPostgres(accounts), accounts }),
};

async function measure(counting: Counting): Promise<Measured> {
  try {
    await counting.clock.farFromMidnight(BURST_MS);
    return together([await ofDay(counting), await ofKey(counting), await ofSecond(counting)]);
  } finally {
    counting.clock.close();
  }
}

async function ofDay({ apis, accounts }: Counting): Promise<Measured> {
  const account = await accounts.person({ planName: await newPlan({ requestsPerDay: A_DAY }, accounts) });
  const { headers } = await accounts.key(account);
  return judge('a day', await burst(apis, headers, A_DAY + BEYOND), A_DAY, 'DAILY_QUOTA_EXCEEDED');
}

/** A key with a plan of its own, of a tenant that may do twice as much. */
async function ofKey({ apis, accounts }: Counting): Promise<Measured> {
  const account = await accounts.person({ planName: await newPlan({ requestsPerDay: A_DAY * 2 }, accounts) });
  const planName = await newPlan({ requestsPerDay: A_DAY }, accounts);
  const [limited, other] = [await accounts.key(account, { planName }), await accounts.key(account)];
  const first = await burst(apis, limited.headers, A_DAY + BEYOND);
  // What the key was refused its tenant was not charged for.
  const rest = await burst(apis, other.headers, A_DAY + BEYOND);
  return together([
    judge('a day of a key', first, A_DAY, 'DAILY_QUOTA_EXCEEDED'),
    judge('the rest of its tenant', rest, A_DAY, 'DAILY_QUOTA_EXCEEDED'),
  ]);
}

/** Only a burst that began and ended within one second of the store's clock says anything. */
async function ofSecond({ apis, clock, accounts }: Counting): Promise<Measured> {
  const account = await accounts.person({
    planName: await newPlan({ requestsPerSecond: A_SECOND }, accounts),
  });
  const { headers } = await accounts.key(account);
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const second = await clock.nextSecond();
    const answers = await burst(apis, headers, A_SECOND + BEYOND);
    if (Math.floor((await clock.now()) / 1000) !== second) continue;
    await clock.nextSecond();
    const [again] = await burst(apis, headers, 1);
    const isOver = again?.status === 200;
    return together([
      judge('a second', answers, A_SECOND, 'RATE_LIMITED'),
      { figure: 'then again', failures: isOver ? [] : [`the next second begins with ${again?.status}`] },
    ]);
  }
  return { figure: 'a second: not measured', failures: [`no burst of ${TRIES} was over within its second`] };
}

export async function newPlan(limits: Partial<PlanLimits>, { db }: Accounts): Promise<string> {
  const name = `p-${randomUUID()}`;
  await db.plans.put({ name, description: '', ...NO_LIMITS, ...limits });
  return name;
}

/** All at once, in turn to each of the apis. */
function burst(apis: readonly Api[], headers: Headers, count: number): Promise<Answer[]> {
  const order = { method: 'GET', path: '/v1/users/me', headers };
  const addressOf = (index: number) => apis[index % apis.length]?.address ?? '';
  return Promise.all(Array.from({ length: count }, (_, index) => send(addressOf(index), order)));
}

function judge(window: string, answers: readonly Answer[], wanted: number, code: string): Measured {
  const allowed = answers.filter(({ status }) => status === 200);
  const refused = answers.filter((answer) => answer.status === 429 && answer.code === code);
  const others = answers.filter((answer) => !allowed.includes(answer) && !refused.includes(answer));
  const faults = {
    [`${allowed.length} were let through, not ${wanted}`]: allowed.length !== wanted,
    [`others were answered ${others.map(({ status }) => status).join(' ')}`]: others.length > 0,
    'a refusal has no Retry-After': refused.some(({ headers }) => !(Number(headers['retry-after']) >= 1)),
    'an answer has no RateLimit-Limit': answers.some(
      ({ headers }) => headers['ratelimit-limit'] === undefined,
    ),
  };
  const failures = Object.entries(faults).flatMap(([fault, isSo]) => (isSo ? [`${window}: ${fault}`] : []));
  return { figure: `${window} ${allowed.length} of ${answers.length}, allowed ${wanted}`, failures };
}
