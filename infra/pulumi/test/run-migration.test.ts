// The program that runs the migration, against a server that speaks the protocol of ECS and CloudWatch Logs.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { readTask } from '../src/run-migration.ts';

const PROGRAM = path.resolve(import.meta.dirname, '../src/run-migration.js');
const ARN = 'arn:aws:ecs:eu-west-1:210987654321:task/cluster/0123456789abcdef';

const ENVIRONMENT = {
  ...{ AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret' },
  ...{ CLUSTER: 'cluster', TASK_DEFINITION: 'migrate:7', CONTAINER: 'migrate' },
  ...{ SUBNETS: 'subnet-1,subnet-2', SECURITY_GROUPS: 'sg-1', ASSIGN_PUBLIC_IP: 'DISABLED' },
  ...{ LOG_GROUP: 'group', LOG_STREAM_PREFIX: 'migrate' },
  ...{
    LOOK_EVERY_MS: '5',
    LOG_WAIT_MS: '200',
    TIMEOUT_MS: '20000',
    RETRY_AFTER_MS: '5',
    AWS_MAX_ATTEMPTS: '1',
  },
};

type Body = Record<string, unknown>;
interface Call {
  action: string;
  body: Body;
}
/** What an action is answered each time; the last answer is given again. A text: an error of this type. */
type Script = Record<string, (Body | string)[]>;

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
  calls: Call[];
}

/** Runs the real program against `script`. */
async function migrate(script: Script, env: Record<string, string> = {}): Promise<Ended> {
  const calls: Call[] = [];
  const left = structuredClone(script);
  const server = createServer(async (request, response) => {
    const call = await readCall(request);
    calls.push(call);
    const answers = left[call.action] ?? ['UnknownOperationException'];
    const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? {};
    const isError = typeof answer === 'string';
    response.writeHead(isError ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(isError ? { __type: answer, message: `said ${answer}` } : answer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const child = spawn(process.execPath, [PROGRAM], {
    env: {
      PATH: process.env.PATH ?? '',
      ...ENVIRONMENT,
      ...env,
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    },
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (text) => {
    said.stdout += text;
  });
  child.stderr.on('data', (text) => {
    said.stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  server.close();
  server.closeAllConnections();
  return { code, ...said, calls };
}

async function readCall(request: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const action = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
  return { action, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) as Body };
}

const STARTED = { tasks: [{ taskArn: ARN, lastStatus: 'PROVISIONING' }], failures: [] };
const stopped = (exitCode: number | undefined, more: Body = {}) => ({
  tasks: [{ taskArn: ARN, lastStatus: 'STOPPED', containers: [{ name: 'migrate', exitCode }], ...more }],
});
const lines = (...messages: string[]) => ({
  events: messages.map((message) => ({ message, timestamp: 1 })),
  nextForwardToken: `f/${messages.length}`,
});

test('a migration that ends well: it is started once, waited for, and its log is shown', async () => {
  const { code, stdout, calls } = await migrate({
    RunTask: [STARTED],
    // Not found yet, then on its way.
    DescribeTasks: [{ tasks: [] }, { tasks: [{ taskArn: ARN, lastStatus: 'RUNNING' }] }, stopped(0)],
    GetLogEvents: [lines(), lines('made the role tintype', 'applied 0001_init'), lines()],
  });
  assert.equal(code, 0);
  assert.match(stdout, /made the role tintype\napplied 0001_init\n/);
  const [run] = calls.filter(({ action }) => action === 'RunTask');
  assert.equal(calls.filter(({ action }) => action === 'RunTask').length, 1);
  assert.equal(calls.filter(({ action }) => action === 'DescribeTasks').length, 3);
  assert.deepEqual(run?.body.networkConfiguration, {
    awsvpcConfiguration: {
      subnets: ['subnet-1', 'subnet-2'],
      securityGroups: ['sg-1'],
      assignPublicIp: 'DISABLED',
    },
  });
  assert.equal(run?.body.taskDefinition, 'migrate:7');
  assert.match(String(run?.body.clientToken), /^[0-9a-f-]{36}$/);
  const [log] = calls.filter(({ action }) => action === 'GetLogEvents');
  assert.equal(log?.body.logStreamName, 'migrate/migrate/0123456789abcdef');
});

test('a task that did not start is started once more, as another one', async () => {
  const { code, stdout, calls } = await migrate({
    RunTask: [STARTED],
    DescribeTasks: [stopped(undefined, { stopCode: 'TaskFailedToStart' }), stopped(0)],
    GetLogEvents: [lines('applied 0001_init'), lines()],
  });
  assert.equal(code, 0);
  assert.match(stdout, /applied 0001_init/);
  const tokens = calls.filter(({ action }) => action === 'RunTask').map(({ body }) => body.clientToken);
  assert.equal(tokens.length, 2);
  assert.notEqual(tokens[0], tokens[1]);
});

test('a migration that ran and failed is not run again', async () => {
  const { calls } = await migrate({
    RunTask: [STARTED],
    DescribeTasks: [stopped(1, { stopCode: 'EssentialContainerExited' }), stopped(0)],
    GetLogEvents: [lines('relation exists'), lines()],
  });
  assert.equal(calls.filter(({ action }) => action === 'RunTask').length, 1);
});

test('a log of several pages is shown whole, in order', async () => {
  const { stdout } = await migrate({
    RunTask: [STARTED],
    DescribeTasks: [stopped(0)],
    GetLogEvents: [
      { events: [{ message: 'one' }], nextForwardToken: 'f/1' },
      { events: [{ message: 'two' }], nextForwardToken: 'f/2' },
      { events: [], nextForwardToken: 'f/2' },
    ],
  });
  assert.equal(stdout, 'one\ntwo\n');
});

const FAILURES: { name: string; script: Script; env?: Record<string, string>; says: RegExp[] }[] = [
  {
    name: 'a migration that fails is a failure, and its log is shown',
    script: {
      RunTask: [STARTED],
      DescribeTasks: [stopped(1)],
      GetLogEvents: [lines('relation exists'), lines()],
    },
    says: [/relation exists/, /exit code 1/],
  },
  {
    name: 'a task that ECS does not start: its reason',
    script: { RunTask: [{ tasks: [], failures: [{ reason: 'Capacity is unavailable at this time' }] }] },
    says: [/does not start the task: Capacity is unavailable/],
  },
  {
    name: 'a task that never ran: why it was stopped',
    script: {
      RunTask: [STARTED],
      DescribeTasks: [
        stopped(undefined, {
          ...{ stopCode: 'TaskFailedToStart', stoppedReason: 'CannotPullContainerError: not found' },
        }),
      ],
      GetLogEvents: ['ResourceNotFoundException'],
    },
    says: [/did not run: TaskFailedToStart; CannotPullContainerError/],
  },
  {
    name: 'a log that may not be read does not hide the failure',
    script: { RunTask: [STARTED], DescribeTasks: [stopped(3)], GetLogEvents: ['AccessDeniedException'] },
    says: [/can not be read/, /exit code 3/],
  },
  {
    name: 'a task that does not end is left to itself, and named',
    script: { RunTask: [STARTED], DescribeTasks: [{ tasks: [{ taskArn: ARN, lastStatus: 'RUNNING' }] }] },
    env: { TIMEOUT_MS: '50' },
    says: [/0123456789abcdef is RUNNING after/, /left to itself/],
  },
  {
    name: 'an answer of no: what AWS said',
    script: { RunTask: ['AccessDeniedException'] },
    says: [/The migration failed: said AccessDeniedException/],
  },
  { name: 'what is not set is named', script: {}, env: { CLUSTER: '' }, says: [/CLUSTER is not set/] },
];

for (const { name, script, env, says } of FAILURES) {
  test(name, async () => {
    const { code, stderr } = await migrate(script, env);
    assert.equal(code, 1);
    for (const pattern of says) assert.match(stderr, pattern);
  });
}

test('a wrong ASSIGN_PUBLIC_IP is refused', () => {
  assert.throws(() => readTask({ ...ENVIRONMENT, ASSIGN_PUBLIC_IP: 'yes' }), /ENABLED or DISABLED/);
});
