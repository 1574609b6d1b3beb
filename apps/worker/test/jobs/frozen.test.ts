import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import type { WorkerConfig } from '../../src/config.ts';
import { startWorker } from '../../src/worker.ts';
import { JPEG, startImageServer } from '../fetch/image-server.ts';
import { createSurroundings, eventually } from '../worker-setup.ts';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const ENV = {
  OUTGOING_ALLOW: '127.0.0.0/8',
  LEASE_MS: '1000',
  RECONCILE_EVERY_MS: '100',
  DECODERS: '1',
};

/** A worker's own process, on the given surroundings. */
async function startProcess(t: Test, config: WorkerConfig): Promise<ChildProcess> {
  const { databaseUrl, queueUrl, objectStoreUrl } = config;
  const env = {
    ...{ PATH: process.env.PATH, LOG_LEVEL: 'silent', METRICS_PORT: '0', ...ENV },
    ...{ DATABASE_URL: databaseUrl, QUEUE_URL: queueUrl, OBJECT_STORE_URL: objectStoreUrl },
  };
  const child = fork(MAIN, { env, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  t.teardown(async () => {
    const ended = child.exitCode === null ? once(child, 'exit') : undefined;
    child.kill('SIGKILL');
    await ended;
  });
  await once(child, 'message');
  return child;
}

t.test(
  'what a worker that was frozen brings too late is dropped, and its job runs once more elsewhere',
  async (t) => {
    const answers: ServerResponse[] = [];
    const server = await startImageServer({
      // The first visitor waits until it is told otherwise.
      '/plate.jpg': (answer, { visit }) => (visit === 1 ? void answers.push(answer) : void answer.end(JPEG)),
    });
    const { config, deps, tenantId, acceptUrl, objectKeys } = await createSurroundings(ENV);
    const read = async (id: string) => deps.db.jobs.get(tenantId, id);
    const frozen = await startProcess(t, config);
    const id = await acceptUrl(`${server.origin}/plate.jpg`);
    await deps.nudges.send([{ id, generation: 0 }]);
    await eventually(async () => answers.length === 1);
    const { worker: first } = (await read(id)) ?? {};
    frozen.kill('SIGSTOP');

    const other = await startWorker(config, deps, () => t.fail('stuck'));
    t.teardown(() => other.stop(1000));
    const done = await eventually(async () => {
      const job = await read(id);
      return job?.status === 'completed' && job;
    });
    t.match(done, { attempt: 2, failures: 1, pastAttempts: [{ code: 'WORKER_LOST', worker: first }] });
    t.not(done.worker, first);

    frozen.kill('SIGCONT');
    for (const answer of answers) answer.end(JPEG);
    await eventually(async () => server.connections() === 0);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    t.same(await read(id), done, 'nothing of it has changed');
    t.same(await objectKeys(), [done.image.objectKey], 'and nothing is left behind');
    t.equal(server.visits('/plate.jpg'), 2);

    // It is well and goes on.
    await other.stop(1000);
    const next = await acceptUrl(`${server.origin}/plate.jpg`);
    await deps.nudges.send([{ id: next, generation: 0 }]);
    t.match(
      await eventually(async () => {
        const job = await read(next);
        return job?.status === 'completed' && job;
      }),
      { attempt: 1, worker: first },
    );
  },
);
