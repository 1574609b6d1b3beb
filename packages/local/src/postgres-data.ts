// Knows what a data folder is worth: none, usable, half made, somebody else's. Makes and repairs it.
// Refuses to delete anything that PostgreSQL did not make.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Account, accountFor, handOver } from './account.ts';
import { openFolder } from './folder-access.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { findProgram } from './program.ts';
import { sweep } from './scratch.ts';
import { runTool } from './tool.ts';

export interface DataFolderOptions {
  dataDir: string;
  binaries: PostgresBinaries;
  account: Account | undefined;
  durable: boolean;
  log: (line: string) => void;
}

const madeByInitdb =
  /^(PG_VERSION|base|global|pg_\w+|pg_.*\.conf|postgresql\..*conf|postmaster\.(pid|opts)|current_logfiles)$/;

function readVersion(dataDir: string): string | undefined {
  try {
    return readFileSync(join(dataDir, 'PG_VERSION'), 'utf8').trim() || undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') {
      const owner = statSync(dataDir, { throwIfNoEntry: false })?.uid;
      throw new Error(
        `The data folder ${dataDir} belongs to another user (uid ${owner}); start as that user.`,
      );
    }
    return undefined;
  }
}

function clearHalfMade(dataDir: string, log: (line: string) => void): void {
  const found = statSync(dataDir, { throwIfNoEntry: false });
  if (found === undefined) return;
  const strangers = found.isDirectory()
    ? readdirSync(dataDir).filter((name) => !madeByInitdb.test(name))
    : ['it'];
  if (existsSync(join(dataDir, 'global/pg_control'))) throw damaged(dataDir);
  if (strangers.length > 0) {
    throw new Error(
      `${dataDir} is not a PostgreSQL data folder and not empty (${strangers[0]}); choose another.`,
    );
  }
  log(`making the half-made data folder ${dataDir} again`);
  rmSync(dataDir, { recursive: true, force: true });
}

function damaged(dataDir: string): Error {
  return new Error(
    `The data folder ${dataDir} is damaged: run \`npm start -- --fresh\` to begin anew (its data is deleted).`,
  );
}

async function initialize(folder: string, options: DataFolderOptions): Promise<void> {
  const access = openFolder(folder, options.account);
  const durability = options.durable ? [] : ['--no-sync'];
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const args = [
    '-D',
    access.path,
    '-U',
    'postgres',
    '-A',
    'trust',
    ...locale,
    '--no-instructions',
    ...durability,
  ];
  const command = nameUser(options.binaries.initdb, args);
  try {
    await runTool(command.program, command.args, { account: options.account, folder: access.descriptor });
  } finally {
    access.close();
  }
}

/** initdb insists on a name for its user; a bare number (as in many containers) gets one from a user namespace. */
function nameUser(program: string, args: string[]): { program: string; args: string[] } {
  const unshare =
    process.platform === 'linux' && process.getuid?.() !== 0 ? findProgram('unshare') : undefined;
  if (unshare === undefined || hasName(process.getuid?.() ?? 0)) return { program, args };
  const mapping = ['--user', '--map-user=65534', '--map-group=65534', '--'];
  return { program: unshare, args: [...mapping, program, ...args] };
}

function hasName(uid: number): boolean {
  try {
    return readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .some((line) => line.split(':')[2] === String(uid));
  } catch {
    return true;
  }
}

/** Makes the folder beside its place and moves it there whole: a killed run leaves no data folder, not half of one. */
async function makeFolder(options: DataFolderOptions): Promise<void> {
  const { dataDir, account } = options;
  const parent = dirname(dataDir);
  const prefix = `${basename(dataDir)}.new-`;
  sweep(parent, prefix);
  const fresh = mkdtempSync(join(parent, `${prefix}${process.pid}-`));
  try {
    handOver(fresh, account);
    await initialize(fresh, options);
    renameSync(fresh, dataDir);
  } catch (error) {
    // Another process of ours was faster; its folder is as good.
    if (readVersion(dataDir) === undefined) throw error;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/**
 * Leaves a usable data folder at `dataDir`, made new or repaired where necessary.
 *
 * @throws Error when the folder holds other things, belongs to another user or another PostgreSQL version
 */
export async function ensureDataFolder(options: DataFolderOptions): Promise<void> {
  const { dataDir, binaries, account } = options;
  mkdirSync(dirname(dataDir), { recursive: true });
  const version = readVersion(dataDir);
  if (version === undefined) {
    clearHalfMade(dataDir, options.log);
    return makeFolder(options);
  }
  if (version !== binaries.major) {
    throw new Error(
      `The data folder ${dataDir} was made by PostgreSQL ${version}, this is ${binaries.major}: ` +
        'run `npm start -- --fresh` to begin anew (its data is deleted).',
    );
  }
  if (!['base/1', 'global/pg_control'].every((name) => existsSync(join(dataDir, name))))
    throw damaged(dataDir);
  const owner = accountFor(dataDir);
  if (owner !== undefined && statSync(dataDir).uid === 0) handOver(dataDir, account);
}
