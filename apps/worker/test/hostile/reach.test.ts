import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import type { Attack } from './attack.ts';
import { faultsOf, type Ground, openGround } from './proving-ground.ts';
import { makeSeeds } from './seeds.ts';
import { CAN_WATCH, mappedFiles, openFiles, readBytes } from './watch-child.ts';
import { reachingOut } from './xml-attacks.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'tintype-hostile-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));
const SECRET = 'nobody may read this: 7f3a';
const secretFile = path.join(folder, 'secret.txt');
writeFileSync(secretFile, SECRET);

/** A server that counts who comes. */
let callers = 0;
const server = createServer((socket) => {
  callers += 1;
  socket.destroy();
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
t.teardown(() => server.close());
const { port } = server.address() as { port: number };

const seeds = await makeSeeds();
const FILES: Attack[] = [
  ...[
    `http://127.0.0.1:${port}/a`,
    pathToFileURL(secretFile).href,
    secretFile,
    '/etc/passwd',
    `//127.0.0.1:${port}/a`,
  ].flatMap(reachingOut),
  ...seeds.map(({ bytes, ...seed }) => ({ ...seed, make: () => bytes })),
];

async function askAll(ground: Ground): Promise<string[]> {
  const said: string[] = [];
  for (const { format, make } of FILES) {
    const answer = await ground.ask(await make(), format);
    said.push(...faultsOf(answer));
    if (JSON.stringify(answer.document ?? {}).includes(SECRET)) said.push('the secret file was read');
  }
  return said;
}

t.test(
  'nothing but the input is read, and nobody is called',
  { skip: !CAN_WATCH && 'Linux only' },
  async (t) => {
    const ground = await openGround(t);
    // The first files load what is loaded late.
    await askAll(ground);
    const pid = ground.pid();
    const before = { files: openFiles(pid), mapped: mappedFiles(pid), bytes: readBytes(pid) ?? 0 };
    t.same(await askAll(ground), []);
    t.equal(ground.pid(), pid, 'one process read them all');
    t.same(openFiles(pid), before.files, 'no file or socket is left open');
    t.same(mappedFiles(pid), before.mapped, 'no file was mapped');
    t.equal(callers, 0, 'nobody called');
    await t.test('bytes read are the bytes given', async (t) => {
      const given = (await Promise.all(FILES.map(({ make }) => make()))).reduce(
        (sum, { length }) => sum + length,
        0,
      );
      // Each file comes with a line about it; threads wake each other by eight bytes.
      const read = (readBytes(pid) ?? 0) - before.bytes;
      t.comment(`${read - given} more`);
      t.ok(read >= given, `${read} of ${given}`);
      t.ok(read < given + FILES.length * 2000, `${read} of ${given}`);
    });
  },
);

const STRACE = ['/usr/bin/strace', '/bin/strace'].find((file) => existsSync(file));

/** Whether one process may trace another here. */
function canTrace(): boolean {
  try {
    execFileSync(STRACE ?? '', ['-f', '-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Calls that reach outside of a process. */
const CALLS =
  'open,openat,openat2,creat,connect,socket,execve,unlink,unlinkat,rename,mkdir,link,symlink,bind,sendto,kill';

t.test('traced: no file, no socket, no program', { skip: !canTrace() && 'no strace' }, async (t) => {
  const trace = path.join(folder, 'trace.txt');
  const traced = path.join(folder, 'node.sh');
  writeFileSync(
    traced,
    `#!/bin/sh\nexec ${STRACE} -f -qq -e signal=none -e trace=${CALLS} -o ${trace} ${process.execPath} "$@"\n`,
  );
  chmodSync(traced, 0o700);
  const { execPath } = process;
  process.execPath = traced;
  t.teardown(() => {
    process.execPath = execPath;
  });
  const ground = await openGround(t);
  await askAll(ground);
  const before = readFileSync(trace, 'utf8');
  t.match(before, /openat\(.*inspect\.js/, 'the trace sees what Node.js itself opens');
  await askAll(ground);
  t.same(
    readFileSync(trace, 'utf8')
      .slice(before.length)
      .split('\n')
      .filter((line) => line !== ''),
    [],
  );
  t.equal(callers, 0, 'nobody called');
});
