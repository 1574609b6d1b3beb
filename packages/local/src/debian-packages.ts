// Knows how to install Debian packages as root without starting their services.
// Refuses to do so anywhere else, and to end dpkg half-way.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { findProgram } from './program.ts';

// One installation at a time on the machine: apt's own waiting does not cover its package lists.
const lockFile = '/run/tintype-apt.lock';

// policy-rc.d is how Debian asks before starting a service; RUNLEVEL=1 says the same to older scripts.
const script = `
wanted=$1; shift
command -v "$wanted" >/dev/null && exit 0
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 143' INT TERM HUP
  printf '#!/bin/sh\\nexit 101\\n' >"$policy" && chmod 755 "$policy"
fi
apt-get update -q -o DPkg::Lock::Timeout=300 || echo 'apt-get update failed, trying the known lists' >&2
apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
`;

/** Why packages cannot be installed here, in one clause; undefined when they can. */
export function whyNotInstallable(): string | undefined {
  if (process.platform !== 'linux' || !existsSync('/etc/debian_version')) return 'this is not Debian';
  if (process.getuid?.() !== 0) return 'only root may install it';
  if (findProgram('apt-get') === undefined || findProgram('flock') === undefined) return 'apt-get is missing';
  return undefined;
}

/**
 * Installs `packages`, unless `program` has appeared on PATH when our turn comes.
 *
 * @throws Error with the last line apt said
 */
export async function installPackages(
  program: string,
  packages: string[],
  log: (line: string) => void,
): Promise<void> {
  log(`installing ${packages.join(', ')} with apt-get`);
  // Not tied to this process: an installation broken off in the middle leaves the machine's dpkg to repair by hand.
  const child = spawn('flock', [lockFile, 'sh', '-c', script, 'sh', program, ...packages], {
    env: { ...process.env, RUNLEVEL: '1', DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let last = '';
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      if (line.trim() !== '') last = line;
      log(line);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`apt-get could not install ${packages.join(', ')}: ${last}`);
}
