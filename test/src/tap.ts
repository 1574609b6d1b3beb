// Runs tap over the compiled tests and adds up what it says.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

interface Totals {
  passed: number;
  failed: number;
  skipped: string[];
}

/** `rooms` narrows the run: paths of packages or of test files. Answers the exit code. */
export async function runTap(rooms: string[], env: Record<string, string>): Promise<number> {
  const files = rooms.map((room) =>
    room.endsWith('.js') ? room : `${room.replace(/\/$/, '')}/dist/test/**/*.test.js`,
  );
  const command = path.join(ROOT, 'node_modules/.bin/tap');
  const child = spawn(command, ['run', '--reporter=tap', '--jobs=4', ...files], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const totals: Totals = { passed: 0, failed: 0, skipped: [] };
  const show = createPrinter();
  for await (const line of createInterface({ input: child.stdout })) {
    count(line, totals);
    show(line);
  }
  const code = await new Promise<number>((resolve) =>
    child.once('close', (exitCode) => resolve(exitCode ?? 1)),
  );
  const { passed, skipped } = totals;
  // A file that dies between its tests fails without a failed assertion.
  const failed = totals.failed === 0 && code !== 0 ? 1 : totals.failed;
  for (const name of skipped) process.stdout.write(`skipped: ${name}\n`);
  process.stdout.write(
    `${passed} passed, ${failed} failed${skipped.length === 0 ? '' : `, ${skipped.length} skipped`}\n`,
  );
  return failed > 0 || passed === 0 ? 1 : code;
}

/** Assertions are counted where they stand: a line with a result that sums up no subtest. */
function count(line: string, totals: Totals): void {
  const [, indent = '', not, name = ''] = /^( *)(not )?ok \d+(?: - (.*))?$/.exec(line) ?? [];
  if (!/^ *(not )?ok \d/.test(line)) return;
  const skipped = /^(.*?) *# SKIP(.*)$/i.exec(name);
  if (skipped !== null) totals.skipped.push(`${skipped[1]} –${skipped[2]}`);
  else if (indent.length >= 4 && !/# time=/.test(name)) totals[not === undefined ? 'passed' : 'failed'] += 1;
}

/** Shows a line a file, and everything about what failed. */
function createPrinter(): (line: string) => void {
  let inDiagnostics = false;
  return (line) => {
    if (/^ *not ok /.test(line)) inDiagnostics = true;
    else if (/^ *ok /.test(line)) inDiagnostics = false;
    const isFile = /^(not )?ok \d+ - /.test(line);
    if (isFile || inDiagnostics) process.stdout.write(`${line}\n`);
  };
}
