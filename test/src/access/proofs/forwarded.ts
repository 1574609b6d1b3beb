// Whoever writes X-Forwarded-For himself changes nothing by it: not what is logged, not what is counted, not who is locked out.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Accounts, loginOrder, newEmail } from '../accounts.ts';
import { type Answer, json, send } from '../http.ts';
import { type Measured, type Proof, type ProofGround, together } from '../proof.ts';
import { type Api, LOGIN_ATTEMPTS, LOGIN_ATTEMPTS_PER_ADDRESS } from '../service.ts';
import { clockOfPostgres } from '../store-clock.ts';
import { newPlan } from './limits.ts';

const FORGED = '203.0.113.77';
const REAL = '127.0.0.1';
const REQUESTS = 5;
const PATIENCE_MS = 5000;
const PROOF_MS = 20_000;

/** Every header in which a proxy could name somebody else; a new address every time. */
function forged(address: string): Record<string, string> {
  return {
    'x-forwarded-for': `192.0.2.66, ${address}`,
    forwarded: `for=${address}`,
    'x-real-ip': address,
    'x-client-ip': address,
    'true-client-ip': address,
    'cf-connecting-ip': address,
  };
}
const nth = (index: number) => `198.51.100.${index + 1}`;

export const forwarded: Proof = {
  name: 'forwarded',
  says: 'a forged X-Forwarded-For changes neither the log nor a limit nor a lock-out; that of a trusted proxy does',
  run: async (ground) => {
    // Limits and lock-outs here end with the day.
    await clockOfPostgres(ground.accounts).farFromMidnight(PROOF_MS);
    return together([await inLog(ground), await inLimit(ground), await inLockOut(ground)]);
  },
};

async function inLog({ service, accounts }: ProofGround): Promise<Measured> {
  const [untrusting, trusting] = service.withPostgres;
  const { headers } = await accounts.key(await accounts.person());
  const told = await loggedAddress(untrusting, headers, accounts);
  const believed = await loggedAddress(trusting, headers, accounts);
  const inText = (await readFile(untrusting.logFile, 'utf8')).split(FORGED).length - 1;
  const failures = [
    ...(told === REAL ? [] : [`the log says ${told}, not ${REAL}`]),
    ...(believed === FORGED ? [] : [`behind a trusted proxy the log says ${believed}, not ${FORGED}`]),
    ...(inText === 0 ? [] : [`the forged address stands ${inText} times in what the process wrote`]),
  ];
  return { figure: `logged ${told}, behind a trusted proxy ${believed}`, failures };
}

async function loggedAddress(api: Api, shown: Record<string, string>, { rows }: Accounts): Promise<string> {
  const requestId = randomUUID();
  const { headers, body } = json({});
  const all = { ...headers, ...shown, ...forged(FORGED), 'x-request-id': requestId };
  await send(api.address, { method: 'POST', path: '/v1/jobs/retry', headers: all, body });
  // Written behind the answer.
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(50)) {
    const [row] = await rows<{ ip: string }>(
      'SELECT host(ip) AS ip FROM request_logs WHERE request_id = $1',
      [requestId],
    );
    if (row !== undefined) return row.ip;
  }
  return 'nothing';
}

async function inLimit({ service, accounts }: ProofGround): Promise<Measured> {
  const planName = await newPlan({ requestsPerDay: REQUESTS }, accounts);
  const { headers } = await accounts.key(await accounts.person({ planName }));
  const answers: Answer[] = [];
  for (let index = 0; index < REQUESTS + 3; index += 1) {
    const order = { method: 'GET', path: '/v1/users/me', headers: { ...headers, ...forged(nth(index)) } };
    answers.push(await send(service.withPostgres[0].address, order));
  }
  return count('limit', answers, { status: 200, wanted: REQUESTS });
}

async function inLockOut({ service, accounts }: ProofGround): Promise<Measured> {
  const [untrusting, trusting] = service.withPostgres;
  const { email } = await accounts.person();
  // In this order: the failures with the one account count for the address as well.
  const account = await fail(untrusting, LOGIN_ATTEMPTS + 2, () => email);
  const rest = LOGIN_ATTEMPTS_PER_ADDRESS - LOGIN_ATTEMPTS;
  const address = await fail(untrusting, rest + 2, newEmail);
  const behindProxy = await fail(trusting, LOGIN_ATTEMPTS_PER_ADDRESS + 2, newEmail);
  return together([
    count('lock-out of an account', account, { status: 401, wanted: LOGIN_ATTEMPTS }),
    count('of an address', address, { status: 401, wanted: rest }),
    count('of as many addresses behind a trusted proxy', behindProxy, {
      status: 401,
      wanted: LOGIN_ATTEMPTS_PER_ADDRESS + 2,
    }),
  ]);
}

async function fail({ address }: Api, times: number, who: () => string): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let index = 0; index < times; index += 1) {
    const { headers, ...order } = loginOrder(who(), 'not the password of anybody');
    answers.push(await send(address, { ...order, headers: { ...headers, ...forged(nth(index)) } }));
  }
  return answers;
}

/** So many at first, and then 429 only. */
function count(
  what: string,
  answers: readonly Answer[],
  { status, wanted }: { status: number; wanted: number },
): Measured {
  const statuses = answers.map((answer) => answer.status);
  const right = statuses.every((one, index) => one === (index < wanted ? status : 429));
  const figure = `${what} ${statuses.filter((one) => one === status).length} of ${statuses.length}`;
  return { figure, failures: right ? [] : [`${what}: ${statuses.join(' ')}, not ${wanted} times ${status}`] };
}
