// The protection of an ECS task, against a server that answers as the agent does; ECS itself is nowhere near.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogger } from '@tintype/core';
import t, { type Test } from 'tap';
import { startTaskProtection } from '../src/task-protection.ts';
import { startWorkerProcess } from './worker-process.ts';
import { createSurroundings, eventually, makeJpeg } from './worker-setup.ts';

interface Asked {
  method: string | undefined;
  url: string | undefined;
  type: string | undefined;
  state: { ProtectionEnabled: boolean; ExpiresInMinutes?: number };
}

type Answer = (response: ServerResponse, asked: Asked) => void;

const TASK = 'arn:aws:ecs:us-west-2:111122223333:task/1234567890abcdef0';
const json = (response: ServerResponse, status: number, body: object) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

// The answers of the agent's documentation.
const agrees: Answer = (response, { state }) =>
  json(response, 200, { protection: { ...state, TaskArn: TASK } });
const fails: Answer = (response) =>
  json(response, 200, {
    failure: { Arn: TASK, Reason: 'TASK_NOT_VALID', Detail: 'not a task of a service' },
  });
const refuses: Answer = (response) =>
  json(response, 400, { error: { Arn: TASK, Code: 'AccessDeniedException', Message: 'not authorized' } });
const garbles: Answer = (response) => response.writeHead(200).end('<html>');
const hangs: Answer = () => undefined;

async function startAgent(t: Test, first: Answer) {
  const asked: Asked[] = [];
  const agent = { asked, uri: '', answer: first, open: 0, mostOpen: 0 };
  const server = createServer(async (request, response) => {
    agent.open += 1;
    agent.mostOpen = Math.max(agent.mostOpen, agent.open);
    response.on('close', () => {
      agent.open -= 1;
    });
    let body = '';
    for await (const chunk of request) body += chunk;
    const { method, url, headers } = request;
    const one = { method, url, type: headers['content-type'], state: JSON.parse(body) };
    asked.push(one);
    agent.answer(response, one);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  agent.uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/123`;
  return agent;
}

const put = (state: Asked['state']): Asked => ({
  method: 'PUT',
  url: '/api/123/task-protection/v1/state',
  type: 'application/json',
  state,
});
const on = put({ ProtectionEnabled: true, ExpiresInMinutes: 7 });
const off = put({ ProtectionEnabled: false });

/** One that runs for ever by now, or nothing. */
function createWork() {
  const work = { runs: true, oldestBegunAt: () => (work.runs ? performance.now() - 1e6 : undefined) };
  return work;
}

function quickly(t: Test, uri: string, work: ReturnType<typeof createWork>, log = createLog().log) {
  const config = { taskProtectionAfterMs: 1000, taskProtectionMinutes: 7, ecsAgentUri: uri };
  const pace = { lookEveryMs: 5, retryAfterMs: 40, minuteMs: 20 };
  const protection = startTaskProtection(config, { oldestBegunAt: work.oldestBegunAt, log }, pace);
  // A test that fails must end too.
  t.teardown(() => protection?.stop());
  return protection;
}

function createLog() {
  const warned: string[] = [];
  const changed: unknown[] = [];
  const log = createLogger({ name: 'worker', level: 'silent' });
  log.warn = ((...args: unknown[]) => warned.push(String(args.at(-1)))) as never;
  log.debug = ((about: object) => 'protect' in about && changed.push(about.protect)) as never;
  return { log, warned, changed };
}

t.test('a worker protects its task while a job runs long', async (t) => {
  const agent = await startAgent(t, agrees);
  const photo = await makeJpeg();
  const waiting: ServerResponse[] = [];
  const source = createServer((_request, response) => waiting.push(response));
  await new Promise<void>((resolve) => source.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    source.closeAllConnections();
    source.close();
  });
  const { config, acceptUrl } = await createSurroundings();
  const worker = await startWorkerProcess(t, config, {
    TASK_PROTECTION_AFTER_MS: '300',
    TASK_PROTECTION_MINUTES: '7',
    ECS_AGENT_URI: agent.uri,
    OUTGOING_ALLOW: '127.0.0.0/8',
    DRAIN_TIMEOUT_MS: '1000',
  });
  const slow = `http://127.0.0.1:${(source.address() as AddressInfo).port}/slow.jpg`;
  const asked = (count: number) => eventually(async () => agent.asked.length >= count && agent.asked);

  await acceptUrl(slow);
  t.same(await asked(1), [on]);
  await eventually(async () => waiting.length === 1);
  waiting.pop()?.writeHead(200, { 'content-type': 'image/jpeg' }).end(photo);
  t.same(await asked(2), [on, off], 'it has ended');

  await acceptUrl(slow);
  t.same(await asked(3), [on, off, on]);
  await worker.stop();
  t.same(agent.asked, [on, off, on, off], 'a task that stops is not protected');
  t.notOk(worker.lines.some(({ msg }) => String(msg).includes('agent of ECS')));
});

t.test('renewed before it ends, and nothing asked twice at a time', async (t) => {
  const agent = await startAgent(t, (response, one) => setTimeout(() => agrees(response, one), 15));
  const work = createWork();
  const { log, changed } = createLog();
  const protection = quickly(t, agent.uri, work, log);
  await eventually(async () => agent.asked.length >= 4);
  work.runs = false;
  await eventually(async () => changed.at(-1) === false);
  const count = agent.asked.length;
  t.same(agent.asked, [...Array.from({ length: count - 1 }, () => on), off]);
  t.equal(agent.mostOpen, 1);
  await protection?.stop();
  t.equal(agent.asked.length, count, 'what is not protected need not be told so');
});

for (const [about, answer] of Object.entries({ fails, refuses, garbles }))
  t.test(`an agent that ${about}: told once, asked again, and no harm`, async (t) => {
    const agent = await startAgent(t, answer);
    const { log, warned } = createLog();
    const work = createWork();
    const protection = quickly(t, agent.uri, work, log);
    await eventually(async () => agent.asked.length >= 3);
    t.same(warned, ['the agent of ECS does not change the protection of this task']);
    agent.answer = agrees;
    work.runs = false;
    await eventually(async () => agent.asked.at(-1)?.state.ProtectionEnabled === false);
    await protection?.stop();
  });

t.test('an agent that hangs, or is none, holds up no stop', async (t) => {
  const agent = await startAgent(t, hangs);
  const work = createWork();
  const protection = quickly(t, agent.uri, work);
  await eventually(async () => agent.asked.length === 1);
  agent.answer = agrees;
  await protection?.stop();
  t.same(agent.asked, [on, off], 'what was not answered may have been done: it is taken back');

  const { log, warned } = createLog();
  const nobody = quickly(t, 'http://127.0.0.1:1/api', work, log);
  await eventually(async () => warned.length === 1);
  await nobody?.stop();
  t.equal(warned.length, 1);
});

t.test('only where it is wanted, and only on ECS', async (t) => {
  const { log, warned } = createLog();
  const config = { taskProtectionAfterMs: 0, taskProtectionMinutes: 7, ecsAgentUri: 'http://127.0.0.1:1' };
  t.equal(startTaskProtection(config, { ...createWork(), log }), undefined);
  t.equal(warned.length, 0);
  t.equal(
    startTaskProtection({ ...config, taskProtectionAfterMs: 5, ecsAgentUri: '' }, { ...createWork(), log }),
    undefined,
  );
  t.match(warned, [/^TASK_PROTECTION_AFTER_MS is set, and this is no task of Amazon ECS/]);
});
