// `npm start` as a person meets it: the welcome, the pasted curl, the second start, the killed one, the taken port.
import { type ChildProcess, spawn } from 'node:child_process';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '@tintype/local';
import t from 'tap';
import { ended, output, ROOT } from './processes.ts';

const folder = await mkdtemp(path.join(tmpdir(), 'tintype-start-'));
const data = path.join(folder, 'data');
const children = new Set<ChildProcess>();
t.teardown(async () => {
  for (const child of children) child.kill('SIGTERM');
  await Promise.all([...children].map(ended));
  await rm(folder, { recursive: true, force: true });
});

interface Started {
  child: ChildProcess;
  text: string;
  address: string;
  key: string;
}

/** Starts it and waits for the welcome, or for its end. */
function start(port: number, ...args: string[]): Promise<Started> {
  const child = spawn(
    process.execPath,
    [path.join(ROOT, 'apps/local/dist/src/main.js'), '--port', String(port), ...args],
    {
      cwd: ROOT,
      env: { ...process.env, TINTYPE_DATA: data },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  children.add(child);
  let text = '';
  return new Promise((resolve) => {
    const answer = () =>
      resolve({ child, text, address: `http://127.0.0.1:${port}`, key: /tt_\w+/.exec(text)?.[0] ?? '' });
    const hear = (chunk: Buffer) => {
      text += chunk;
      if (text.includes('Ctrl-C')) answer();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('close', answer);
  });
}

/** Runs the printed command as it stands. */
function runCurl(text: string): Promise<string> {
  const command = /^ {2}(curl .*)$/m.exec(text)?.[1] ?? 'false';
  return new Promise((resolve) => {
    const shell = spawn('sh', ['-c', command.replace('curl', 'curl -s')], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let out = '';
    shell.stdout.on('data', (chunk) => {
      out += chunk;
    });
    shell.once('close', () => resolve(out));
  });
}

async function stop({ child }: Started): Promise<number | null> {
  child.kill('SIGINT');
  return ended(child);
}

t.test('start, paste the curl, stop, start again: key and images are still there', async (t) => {
  const port = await freePort();
  const first = await start(port);
  t.match(first.text, `Tintype listens on http://localhost:${port}`);
  const job = JSON.parse(await runCurl(first.text));
  t.match(job, { status: 'completed', image: { width: 1600, height: 1066, format: 'jpeg' } });

  const second = await start(await freePort());
  t.match(second.text, /runs here already/);
  t.equal(await ended(second.child), 1);

  t.equal(await stop(first), 0);
  const again = await start(port);
  t.equal(again.key, first.key);
  const answer = await fetch(`${again.address}/images/${job.imageId}`, {
    headers: { 'x-api-key': again.key },
  });
  t.match(await answer.json(), { width: 1600 });
  t.equal(await stop(again), 0);
});

t.test('a start that was killed is repaired by the next one, and leaves no process behind', async (t) => {
  const killed = await start(await freePort());
  killed.child.kill('SIGKILL');
  await ended(killed.child);
  const next = await start(await freePort());
  t.match(next.text, /Tintype listens/);
  t.equal(next.key, killed.key);
  await t.rejects(fetch(`${killed.address}/healthz`), 'the api of the killed start is gone');
  t.equal(await stop(next), 0);
});

t.test('--fresh forgets', async (t) => {
  const before = await start(await freePort());
  await stop(before);
  const after = await start(await freePort(), '--fresh');
  t.not(after.key, before.key);
  await stop(after);
  await t.resolves(access(path.join(data, 'api-key')));
});

t.test('a taken port is one sentence', async (t) => {
  const port = await freePort();
  const server = createServer().listen(port, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.teardown(() => server.close());
  const refused = await start(port);
  t.match(refused.text, new RegExp(`Port ${port} is in use`));
  t.notMatch(refused.text, /\n\s+at /);
  t.equal(await ended(refused.child), 1);
});

t.test('--help and nonsense', async (t) => {
  t.match(await output('scripts/start.mjs', ['--help'], { PATH: process.env.PATH ?? '' }), /--fresh/);
  t.match((await start(0)).text, /--port must be/);
});
