// However the process that started it ends, PostgreSQL ends with it and in order.
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { findOccupants } from '../src/postgres-occupant.ts';
import { findProgram } from '../src/program.ts';
import { comesTrue, makeFolder } from './folder.ts';
import { type RunOptions, run } from './run.ts';

/** @param signal SIGUSR2: it ends by itself, as its options say; not before its PostgreSQL was seen */
async function endsWith(t: Test, options: RunOptions, signal: NodeJS.Signals = 'SIGUSR2'): Promise<void> {
  const dataDir = join(makeFolder(t), 'data');
  const runner = await run(dataDir, options);
  t.not(findOccupants(dataDir).length, 0);
  runner.process.kill(signal);
  await runner.ended;
  t.ok(await comesTrue(() => findOccupants(dataDir).length === 0), 'no process is left');
}

t.test('a normal exit', (t) => endsWith(t, { ending: 'exit' }));
t.test('an uncaught exception', (t) => endsWith(t, { ending: 'throw' }));
for (const signal of ['SIGTERM', 'SIGINT', 'SIGKILL'] as const) {
  t.test(signal, (t) => endsWith(t, {}, signal));
  t.test(`${signal}, without setpriv`, (t) => endsWith(t, { env: { PATH: '' } }, signal));
}

t.test('the usual case on Linux has setpriv', { skip: process.platform !== 'linux' }, async (t) => {
  t.ok(findProgram('setpriv'));
});
