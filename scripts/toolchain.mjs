// What every command of this repository needs first: installed packages and a build. Plain JavaScript on Node.js alone,
// for nothing is installed yet when it runs.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PNPM = 'pnpm@12.21.0';
const NEEDED_NODE = [20, 19];

/** Installs what the lockfile of a folder names, unless that is what lies there already. */
export async function install(folder = ROOT, what = 'packages') {
  refuseOldNode();
  const stamp = path.join(folder, 'node_modules/.tintype-installed');
  const wanted = digest(
    ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'].map((file) => path.join(folder, file)),
    process.version,
    process.platform,
    process.arch,
  );
  if (isStamped(stamp, wanted)) return;
  say(`installing ${what} (the first time only) …`);
  rmSync(stamp, { force: true });
  // CI=true: pnpm asks nothing and prints plain lines.
  await run('npx', ['--yes', '--loglevel=error', PNPM, 'install', '--frozen-lockfile'], {
    cwd: folder,
    env: { CI: 'true' },
  });
  writeFileSync(stamp, wanted);
}

/** Compiles what changed since the last time. */
export async function build() {
  const stamp = path.join(ROOT, 'prisma/src/generated/.schema');
  const wanted = digest(['prisma/schema.prisma', 'pnpm-lock.yaml']);
  if (!isStamped(stamp, wanted)) {
    say('generating the database client …');
    await run(bin('prisma', 'prisma'), ['generate', '--no-hints'], {
      quiet: true,
      // Generating needs no schema engine, whose download fails where only a package registry can be reached.
      env: {
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        CHECKPOINT_DISABLE: '1',
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
      },
    });
    mkdirSync(path.dirname(stamp), { recursive: true });
    writeFileSync(stamp, wanted);
  }
  if (!existsSync(path.join(ROOT, 'apps/api/dist/src/main.js'))) say('compiling …');
  await run(bin('tsc'), ['-b']);
}

/** The path of an installed command; `room` is the workspace package that depends on it. */
export function bin(name, room = '.') {
  return path.join(ROOT, room, 'node_modules/.bin', name);
}

/** Runs a command, in the root unless `cwd` says otherwise; rejects with a {@link CommandError} when it fails. `quiet` shows its output only then. */
export function run(command, args, { cwd = ROOT, env = {}, quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', quiet ? 'pipe' : 'inherit', quiet ? 'pipe' : 'inherit'],
      shell: process.platform === 'win32',
    });
    let output = '';
    const keep = (text) => {
      output += text;
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) return resolve();
      reject(
        new CommandError(
          `${path.basename(command)} ${args.join(' ')} ended with ${signal ?? code}\n${output}`.trim(),
          code ?? 1,
        ),
      );
    });
  });
}

export class CommandError extends Error {
  constructor(message, exitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Runs a script's main function; an error is a sentence, not a stack trace. */
export function main(action) {
  action().catch((error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode ?? 1;
  });
}

export function say(text) {
  process.stderr.write(`tintype: ${text}\n`);
}

function refuseOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [neededMajor, neededMinor] = NEEDED_NODE;
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return;
  throw new CommandError(
    `Tintype needs Node.js ${NEEDED_NODE.join('.')} or newer; this is ${process.versions.node}.`,
    1,
  );
}

function digest(files, ...rest) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(path.resolve(ROOT, file)));
  return hash.update(rest.join()).digest('hex');
}

function isStamped(file, wanted) {
  return existsSync(file) && readFileSync(file, 'utf8') === wanted;
}
