// CPU and memory of a process tree, as /proc shows them. Nothing is said about how fast anything is.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { cpuMs } from '../src/cpu.ts';
import { peaksByRole } from '../src/memory.ts';
import { processTree } from '../src/process-tree.ts';

const grandchild = 'let n = 0; const end = Date.now() + 300; while (Date.now() < end) n += 1;';
const parent = `
  const { spawnSync } = require('node:child_process');
  spawnSync(process.execPath, ['-e', ${JSON.stringify(grandchild)}]);
  process.stdout.write('done');
  setTimeout(() => {}, 60_000);`;

t.test('work of children that have ended is counted', { skip: process.platform !== 'linux' }, async (t) => {
  const child = spawn(process.execPath, ['-e', parent], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => child.kill('SIGKILL'));
  const pid = child.pid ?? 0;
  await once(child.stdout, 'data');
  t.ok(processTree(process.pid).includes(pid));
  t.ok(cpuMs([pid]) > 0);
  t.equal(cpuMs([pid, pid]), cpuMs([pid]), 'a process is counted once');
  const peaks = peaksByRole({ parent: pid });
  t.same(Object.keys(peaks), ['parent']);
  t.ok((peaks.parent ?? 0) > 1);
});

t.test('a process that is gone has neither', { skip: process.platform !== 'linux' }, async (t) => {
  t.equal(cpuMs([2 ** 30]), 0);
  t.same(peaksByRole({ gone: 2 ** 30 }), { gone: 0 });
});
