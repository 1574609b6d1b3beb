// Breaks parts of the stack while clients post, and counts at the end what became of what they were promised.
import { setTimeout as sleep } from 'node:timers/promises';
import { preparePictures } from '../../service/pictures.ts';
import { type Clients, createClients, isWorthRepeating } from '../clients.ts';
import { eventually, expectSame, inSeconds, type Proof } from '../proof.ts';
import { compareObjects, countOf, queuedHints, UNFINISHED } from '../state.ts';
import { killFirstChild, killHard, startAgain } from './damage.ts';
import { checkLedger, checkOriginals } from './judge.ts';
import { allHealthy } from './start.ts';

const STEADY_MS = 5000;
/** How long what was killed stays away. */
const AWAY_MS = 6000;
const DRAINED_MS = 180_000;
/** Behind the ages that the stack of the proof is given: see settings.ts. */
const SWEPT_MS = 120_000;

export async function playFaults(proof: Proof): Promise<void> {
  const { door, stack, check, signal } = proof;
  const clients = createClients(door, await preparePictures());
  clients.start(proof.clients);
  try {
    await playSteps(proof, clients);
  } finally {
    await clients.stop();
  }
  const drainedFrom = performance.now();
  await check('every job ends', async () => {
    const look = async () => {
      const left = await countOf(stack, UNFINISHED);
      if (left > 0) throw new Error(`${left} have not ended`);
    };
    await eventually(look, { atMostMs: DRAINED_MS, signal });
    return `${inSeconds(performance.now() - drainedFrom)} after the last request`;
  });
  await check('the queue is empty', async () => {
    const look = async () => expectSame(await queuedHints(stack), 0, 'how many hints wait');
    await eventually(look, { atMostMs: DRAINED_MS, signal });
    return undefined;
  });
  await checkLedger(proof, clients.sent(), { isWhole: true });
  await checkOriginals(proof, clients.sent());
  proof.promised.push(...clients.sent());
  await check('no upload is left over, no object without a row, no row without an object', async () => {
    const look = async () => {
      const uploads = await countOf(stack, 'uploads');
      const { orphans, missing } = await compareObjects(stack);
      const found = { uploads, orphans: orphans.length, missing: missing.length };
      if (uploads + orphans.length + missing.length > 0) throw new Error(JSON.stringify(found));
    };
    await eventually(look, { atMostMs: SWEPT_MS, signal });
    return undefined;
  });
}

async function playSteps({ stack, check, figure, signal }: Proof, clients: Clients): Promise<void> {
  const pause = (ms: number) => sleep(ms, undefined, { signal });

  async function step(name: string, act: () => Promise<string | undefined>): Promise<void> {
    const from = Date.now();
    await check(name, act);
    const to = Date.now();
    const answers = clients.answers().filter(({ at }) => at >= from && at < to);
    const repeated = answers.filter(isWorthRepeating);
    const slowest = Math.max(...answers.map(({ ms }) => ms), 0);
    const kinds = [...new Set(repeated.map(({ status, error }) => error ?? String(status)))].join(', ');
    const failures = `${repeated.length} to be repeated${kinds === '' ? '' : ` (${kinds})`}`;
    figure(
      name,
      `${answers.length} requests in ${inSeconds(to - from)}, ${failures}, slowest ${inSeconds(slowest)}`,
    );
  }

  await step('steady load', async () => void (await pause(STEADY_MS)));
  await step('kill -9 of one api, away for a while', async () => {
    const api = await killHard(stack, 'api');
    await pause(AWAY_MS);
    await startAgain(stack, api);
    await allHealthy(stack, signal);
    return undefined;
  });
  await step('kill -9 of one worker, restarted by Docker', async () => {
    const unfinished = await countOf(stack, UNFINISHED);
    const restartedMs = await killFirstChild(stack, 'worker', signal);
    await allHealthy(stack, signal);
    return `${unfinished} jobs had not ended; runs again after ${inSeconds(restartedMs)}`;
  });
  await step('kill -9 of Valkey, away for a while', async () => {
    const valkey = await killHard(stack, 'valkey');
    await pause(AWAY_MS);
    await startAgain(stack, valkey);
    await allHealthy(stack, signal);
    return undefined;
  });
  await step('rolling restart of worker and api', async () => {
    const before = [...(await stack.containers('worker')), ...(await stack.containers('api'))];
    await stack.script('docker/rolling-restart.sh');
    await allHealthy(stack, signal);
    const after = [...(await stack.containers('worker')), ...(await stack.containers('api'))];
    const same = after.filter((id) => before.includes(id));
    if (same.length > 0) throw new Error(`${same.length} containers are the old ones`);
    return `${before.length} containers replaced`;
  });
  await step('steady load afterwards', async () => void (await pause(STEADY_MS)));
}
