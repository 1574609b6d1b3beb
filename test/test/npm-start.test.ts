// `npm start` as a person meets it: the welcome, the pasted curl, the second start, the killed one, the taken port.
import { type ChildProcess, spawn } from 'node:child_process';
import { access, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '@tintype/local';
import t from 'tap';
import { ROOT } from '../src/service/root.ts';
import { output } from '../src/service/tintype.ts';
import { ended } from './processes.ts';

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

/** Runs the printed commands as they stand, one after the other. */
async function runCurls({ text }: Started): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (const [, command = ''] of text.matchAll(/^ {2}(curl .*)$/gm)) answers.push(await runCurl(command));
  return answers;
}

function runCurl(command: string): Promise<unknown> {
  return new Promise((resolve) => {
    const shell = spawn('sh', ['-c', command.replace('curl', 'curl -s')], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let out = '';
    shell.stdout.on('data', (chunk) => {
      out += chunk;
    });
    shell.once('close', () => resolve(out === '' ? undefined : JSON.parse(out)));
  });
}

const YOU = { email: 'you@localhost', admin: true, plan: 'unlimited' };

async function stop({ child }: Started): Promise<number | null> {
  child.kill('SIGINT');
  return ended(child);
}

t.test('start, paste the curls, stop, start again: account and images are still there', async (t) => {
  const port = await freePort();
  const first = await start(port);
  t.match(first.text, `Tintype listens on http://localhost:${port}`);
  t.match(first.text, `Logs and data:  ${data}/ `);
  t.notMatch(first.text, '.tintype', 'which is not where the data is');
  const [job, session, me] = await runCurls(first);
  t.match(job, { status: 'completed', image: { width: 1600, height: 1066, format: 'jpeg' } });
  t.match(session, { user: YOU });
  t.match(me, { credential: 'session', user: YOU });
  for (const name of ['api-key', 'password'])
    t.equal((await stat(path.join(data, name))).mode & 0o777, 0o600, `${name} is for nobody else`);

  const second = await start(await freePort());
  t.match(second.text, /runs here already/);
  t.equal(await ended(second.child), 1);

  t.equal(await stop(first), 0);
  const again = await start(port);
  t.equal(again.text, first.text, 'the same key, the same password');
  const { imageId } = job as { imageId: string };
  const answer = await fetch(`${again.address}/images/${imageId}`, { headers: { 'x-api-key': again.key } });
  t.match(await answer.json(), { width: 1600 }, 'the key is of the one who logs in');
  t.match((await runCurls(again)).slice(1), [{ user: YOU }, { credential: 'session', user: YOU }]);
  t.equal(await stop(again), 0);
});

t.test('a password that was changed is not made anew, and one that was lost is', async (t) => {
  const file = path.join(data, 'password');
  const kept = await readFile(file, 'utf8');
  await writeFile(file, 'another one that was chosen');
  const changed = await start(await freePort());
  t.match(changed.text, 'with the password that you have chosen');
  t.equal(await stop(changed), 0);
  await rm(file);
  const lost = await start(await freePort());
  const made = await readFile(file, 'utf8');
  t.not(made, kept);
  t.match(lost.text, `the password is ${made}:`);
  t.match((await runCurls(lost))[1], { user: YOU });
  t.equal(await stop(lost), 0);
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
