import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { fileURLToPath, pathToFileURL } from 'node:url';
import t from 'tap';
import { addKey, makeParts, type TestApi } from './app.ts';
import { eventually } from './eventually.ts';
import { pictureOf } from './pictures.ts';
import { chunked, FILE_HEAD, FORM_END, openWire, postHead } from './wire.ts';

const MAIN = fileURLToPath(new URL('../src/main.js', import.meta.url));
const parts = await makeParts();
const key = await addKey(parts.rows, { tenantId: crypto.randomUUID() });
t.teardown(parts.remove);

const environment = {
  PATH: process.env.PATH,
  HOST: '127.0.0.1',
  PORT: '0',
  LOG_LEVEL: 'warn',
  DATABASE_URL: parts.databaseUrl,
  QUEUE_URL: parts.queueUrl,
  OBJECT_STORE_URL: pathToFileURL(parts.folder).href,
};

interface Started {
  child: ChildProcess;
  said: () => string;
  exit: Promise<{ code: number | null; signal: string | null }>;
}

function start(env: NodeJS.ProcessEnv): Started {
  const child = fork(MAIN, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  t.teardown(() => child.kill('SIGKILL'));
  let text = '';
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  for (const stream of streams)
    stream.on('data', (chunk) => {
      text += chunk;
    });
  const ended = streams.map((stream) => once(stream, 'end'));
  // Not "close": it does not come for a child that was disconnected from.
  const exit = once(child, 'exit').then(async ([code, signal]) => {
    await Promise.all(ended);
    return { code, signal };
  });
  return { child, exit, said: () => text };
}

async function startListening(env: NodeJS.ProcessEnv = environment): Promise<Started & { port: number }> {
  const started = start(env);
  const [{ address }] = (await once(started.child, 'message')) as [{ address: { port: number } }];
  return { ...started, port: address.port };
}

t.test('an environment that is wrong: one sentence that names the variable', async (t) => {
  const table: [variable: string, value: string | undefined, sentence: RegExp][] = [
    ['DATABASE_URL', undefined, /^DATABASE_URL is not set: PostgreSQL/],
    ['DATABASE_URL', '', /^DATABASE_URL is not set/],
    [
      'DATABASE_URL',
      'mysql://user:hunter2@host/db',
      /^DATABASE_URL must be an URL that begins with postgres/,
    ],
    ['QUEUE_URL', undefined, /^QUEUE_URL is not set/],
    ['QUEUE_URL', 'amqp://host', /^QUEUE_URL must be an URL that begins with redis/],
    ['OBJECT_STORE_URL', undefined, /^OBJECT_STORE_URL is not set/],
    ['OBJECT_STORE_URL', '/a/folder', /^OBJECT_STORE_URL must be an URL that begins with s3/],
    ['PORT', 'http', /^PORT must be a whole number from 0 to 65535, not "http"/],
    ['PORT', '70000', /^PORT must be/],
    ['MAX_UPLOAD_BYTES', '50MB', /^MAX_UPLOAD_BYTES must be a whole number/],
    ['MAX_WAIT_SECONDS', '0', /^MAX_WAIT_SECONDS must be/],
    ['LOG_LEVEL', 'loud', /^LOG_LEVEL must be one of trace/],
    ['TRUST_PROXY', '10.0.0.0/8,nonsense', /^TRUST_PROXY must .*"nonsense"/],
    ['TRUST_PROXY', '10.0.0.0/64', /^TRUST_PROXY must .*"10.0.0.0\/64"/],
  ];
  const runs = table.map(async ([variable, value, sentence]) => {
    const { said, exit } = start({ ...environment, [variable]: value });
    const { code } = await exit;
    t.equal(code, 1, `${variable}=${value}`);
    t.match(said(), sentence);
    t.equal(said().trim().split('\n').length, 1, 'one line');
    t.notMatch(said(), 'hunter2', 'no secret');
  });
  await Promise.all(runs);
});

t.test('a port that is taken', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const { said, exit } = start({ ...environment, PORT: String(port) });
  t.equal((await exit).code, 1);
  t.match(said(), `PORT ${port} is in use`);
  t.equal(said().trim().split('\n').length, 1, 'one line');
});

t.test('starts while all its servers are away', async (t) => {
  const { port, child, exit } = await startListening({
    ...environment,
    LOG_LEVEL: 'silent',
    DATABASE_URL: 'postgres://127.0.0.1:1/none',
    QUEUE_URL: 'redis://127.0.0.1:1',
  });
  const status = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
  t.equal(await status('/healthz'), 200);
  t.equal(await status('/readyz'), 503);
  child.kill('SIGTERM');
  t.same(await exit, { code: 0, signal: null });
});

/** Whether somebody accepts connections there. */
async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const opened = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'error').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return opened;
}

t.test('SIGTERM in the middle of an upload', async (t) => {
  const { child, port, exit, said } = await startListening();
  const wire = await openWire({ port } as TestApi);
  await wire.send(postHead({ key } as TestApi, ['transfer-encoding: chunked']));
  const file = pictureOf(1_500_000);
  await wire.send(chunked(Buffer.concat([Buffer.from(FILE_HEAD), file.subarray(0, 1_000_000)])));
  await eventually(
    () => parts.rows('SELECT 1 FROM uploads'),
    ({ length }) => length === 1,
  );

  child.kill('SIGTERM');
  t.equal(
    await eventually(
      () => isOpen(port),
      (open) => !open,
    ),
    false,
    'nobody new is let in',
  );
  t.equal(child.exitCode, null, 'but who is in may finish');
  await wire.send(Buffer.concat([chunked(file.subarray(1_000_000)), chunked(FORM_END), chunked('')]));
  t.match(await wire.read(), /^HTTP\/1.1 202 Accepted\r\n[\s\S]*"status":"queued"/);
  t.same(await exit, { code: 0, signal: null });
  t.equal(said(), '', 'and there is nothing to say about it');
  t.equal((await parts.rows('SELECT 1 FROM jobs')).length, 1);
  t.equal(
    (await parts.rows('SELECT 1 FROM request_logs WHERE status = 202')).length,
    1,
    'logged on the way out',
  );
});

t.test('ends with whoever started it', async (t) => {
  const { child, exit } = await startListening();
  child.disconnect();
  t.same(await exit, { code: 0, signal: null });
});

t.test('a DEFAULT_PLAN that is no plan is told at start', async (t) => {
  const { child, said, exit } = await startListening({ ...environment, DEFAULT_PLAN: 'nowhere' });
  t.match(said(), /"defaultPlan":"nowhere".*DEFAULT_PLAN names no plan/);
  child.kill('SIGTERM');
  t.equal((await exit).code, 0);
});
