// A Python that has the baseline's packages: looked for, and Debian's installed when that needs nobody's consent.
import { execFileSync, spawnSync } from 'node:child_process';

/** A Python to run the baseline with, or why there is none. */
export type PythonSearch = { readonly python: string } | { readonly reason: string };

const packages = [
  'gunicorn',
  'python3-flask',
  'celery',
  'python3-celery',
  'python3-redis',
  'python3-pil',
  'python3-psycopg2',
];
/** Debian's own comes second, for those whose PATH has another one first. */
const candidates = ['python3', '/usr/bin/python3'];
const probe = 'import celery, flask, gunicorn, PIL, psycopg2, redis';

function succeeds(command: string, ...args: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

function installed(): string | undefined {
  return candidates.find((python) => succeeds(python, '-c', probe));
}

function install(): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: string[]) => spawnSync('apt-get', args, { stdio: 'ignore', env }).status === 0;
  return apt('update') && apt('install', '--yes', '--no-install-recommends', ...packages);
}

export function findPython(): PythonSearch {
  const found = installed();
  if (found) return { python: found };
  const wanted = `apt-get install ${packages.join(' ')}`;
  if (!succeeds('apt-get', '--version'))
    return { reason: 'its Python packages are missing, and this is no Debian' };
  if (process.getuid?.() !== 0) return { reason: `its Python packages are missing; as root: ${wanted}` };
  process.stderr.write(`the baseline's packages are missing: ${wanted}\n`);
  const python = install() ? installed() : undefined;
  return python ? { python } : { reason: `failed: ${wanted}` };
}

/** Versions of what the baseline stands on, for the record. */
export function baselineVersions(python: string): string {
  const code =
    "import celery, flask, gunicorn, PIL, sys; print('Python', sys.version.split()[0], 'gunicorn', gunicorn.__version__," +
    " 'Celery', celery.__version__, 'Pillow', PIL.__version__)";
  return execFileSync(python, ['-W', 'ignore', '-c', code], { encoding: 'utf8' }).trim();
}
