// Whether a service does its work, asked from outside: ready, an account, a key, a picture, its job, its bytes; and nothing is left. Knows HTTP alone.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { ask, expect, SmokeTestError } from './smoke-request.ts';

export interface SmokeTest {
  /** Without a slash at its end. */
  url: string;
  picture: Uint8Array<ArrayBuffer>;
  /** Of an account that is there; undefined: one is made, and deleted in the end. */
  apiKey: string | undefined;
  /** How long to wait until the service is ready: names and certificates take a while to be known everywhere. */
  readyTimeoutMs: number;
  jobTimeoutMs: number;
  /** Of one request. */
  requestTimeoutMs: number;
  lookEveryMs: number;
  /** Told of every step that is done. */
  say: (step: string) => void;
}

/** 'closed': the service lets nobody register, and no key was given; so far as can be seen, it is well. */
export type Verdict = 'works' | 'closed';

/** @throws SmokeTestError */
export async function runSmokeTest(test: SmokeTest): Promise<Verdict> {
  await untilReady(test);
  if (test.apiKey !== undefined) {
    const posted = await postPicture(test.apiKey, test);
    if (posted.isNew) await removePicture(posted.imageId, test.apiKey, test);
    return 'works';
  }
  const account = await register(test);
  if (account === undefined) return 'closed';
  try {
    await postPicture(await makeKey(account, test), test);
  } catch (error) {
    // The fault itself is what counts.
    await removeAccount(account, test).catch(() =>
      test.say(`the account ${account.email} could not be deleted`),
    );
    throw error;
  }
  await removeAccount(account, test);
  return 'works';
}

interface Account {
  email: string;
  password: string;
  cookie: string;
}

async function untilReady(test: SmokeTest): Promise<void> {
  const deadline = performance.now() + test.readyTimeoutMs;
  for (;;) {
    const answer = await ask('GET', '/readyz', {}, test).catch((error: unknown) => error as Error);
    if (!(answer instanceof Error) && answer.status === 200) return test.say('it is ready');
    if (performance.now() > deadline) {
      const why = answer instanceof Error ? answer.message : `It answers ${answer.status}.`;
      throw new SmokeTestError(`${test.url} is not ready after ${test.readyTimeoutMs / 1000} s. ${why}`);
    }
    await new Promise((resolve) => setTimeout(resolve, test.lookEveryMs));
  }
}

async function register(test: SmokeTest): Promise<Account | undefined> {
  const email = `smoke-test-${randomUUID()}@example.com`;
  const password = randomBytes(24).toString('base64url');
  const answer = await ask('POST', '/v1/users', { json: { email, password, name: 'Smoke test' } }, test);
  if (answer.status === 403 && answer.code() === 'REGISTRATION_CLOSED') {
    test.say('registration is closed: give a key (TINTYPE_API_KEY) to test the rest');
    return undefined;
  }
  expect(answer, 201, 'register an account');
  const cookie = answer.cookie();
  if (cookie === undefined) throw new SmokeTestError('Who registered was not logged in: no cookie came.');
  test.say('an account was made');
  return { email, password, cookie };
}

async function makeKey({ cookie }: Account, test: SmokeTest): Promise<string> {
  const answer = await ask('POST', '/v1/api-keys', { cookie, json: { name: 'smoke test' } }, test);
  expect(answer, 201, 'make an API key');
  test.say('an API key was made');
  return answer.text('key');
}

interface Posted {
  imageId: string;
  /** False: the account had this picture before. */
  isNew: boolean;
}

async function postPicture(apiKey: string, test: SmokeTest): Promise<Posted> {
  const form = new FormData();
  form.set('image', new Blob([test.picture], { type: 'image/jpeg' }), 'lighthouse.jpg');
  const posted = await ask('POST', '/v1/jobs', { apiKey, form }, test);
  const isNew = posted.status !== 200;
  if (isNew) expect(posted, 202, 'post a picture');
  test.say(`a picture was accepted: job ${posted.text('id')}`);
  const imageId = await untilCompleted(posted.text('id'), apiKey, test);
  const stored = await ask('GET', `/v1/images/${imageId}/original`, { apiKey }, test);
  expect(stored, 200, 'read the picture back');
  if (sha256(stored.bytes) !== sha256(test.picture))
    throw new SmokeTestError('The picture came back with other bytes.');
  test.say('it came back, byte for byte');
  return { imageId, isNew };
}

/** Of an account that stays. A key that may not remove it leaves it there. */
async function removePicture(imageId: string, apiKey: string, test: SmokeTest): Promise<void> {
  const { status } = await ask('DELETE', `/v1/images/${imageId}`, { apiKey }, test);
  test.say(status === 204 ? 'the picture was deleted' : `the picture ${imageId} stays: ${status}`);
}

async function untilCompleted(jobId: string, apiKey: string, test: SmokeTest): Promise<string> {
  const deadline = performance.now() + test.jobTimeoutMs;
  for (;;) {
    const job = await ask('GET', `/v1/jobs/${jobId}`, { apiKey }, test);
    expect(job, 200, 'ask for the job');
    const status = job.text('status');
    if (status === 'completed') {
      test.say('the job is completed');
      return job.text('imageId');
    }
    if (status === 'failed' || status === 'cancelled')
      throw new SmokeTestError(`The job ${jobId} is ${status}: ${job.excerpt()}`);
    if (performance.now() > deadline)
      throw new SmokeTestError(
        `The job ${jobId} is ${status} after ${test.jobTimeoutMs / 1000} s: does a worker run, and does it reach the queue?`,
      );
    await new Promise((resolve) => setTimeout(resolve, test.lookEveryMs));
  }
}

async function removeAccount({ cookie, password }: Account, test: SmokeTest): Promise<void> {
  expect(
    await ask('DELETE', '/v1/users/me', { cookie, json: { password } }, test),
    204,
    'delete the account',
  );
  test.say('the account was deleted, and with it all it owned');
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
