// Debian's smallest base systems as images, as slim as the real ones, made by debootstrap where no registry can be reached.
import { existsSync, mkdirSync } from 'node:fs';
import { copyFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { findProgram, installPackages, whyNotInstallable } from '@tintype/local';
import { runProgram } from '../run-program.ts';
import type { Workshop } from './workshop.ts';

const MIRROR = 'http://deb.debian.org/debian';
/** The script that every later release is made by; an older debootstrap knows not all their names. */
const SCRIPT = '/usr/share/debootstrap/scripts/sid';
/** Whom this machine trusts, builds in the stand-ins trust too: it may see the world through a proxy of its own. */
const AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';

/** What the real slim images leave out too. */
const NEEDLESS = ['usr/share/doc', 'usr/share/man', 'usr/share/info', 'usr/share/locale'];
const PASSING = ['var/cache/apt', 'var/lib/apt/lists', 'var/log'];

export type Suite = 'bookworm' | 'trixie' | 'forky';

/** Makes the image `tag`, unless the engine has it. @throws Error where debootstrap can't be had, or fails */
export async function makeBaseSystem(suite: Suite, tag: string, workshop: Workshop): Promise<void> {
  if (await workshop.has(tag)) return;
  const { folder, say, docker, signal } = workshop;
  const tarball = path.join(folder, `${suite}.tar`);
  if (!existsSync(tarball)) {
    say(`making Debian ${suite} with debootstrap`);
    await requireDebootstrap(say);
    mkdirSync(folder, { recursive: true });
    await debootstrap(suite, tarball, signal);
  }
  const trust = [`ENV SSL_CERT_FILE=${AUTHORITIES}`, `ENV NODE_EXTRA_CA_CERTS=${AUTHORITIES}`];
  const changes = ['CMD ["bash"]', ...trust].flatMap((change) => ['--change', change]);
  await docker(['import', ...changes, tarball, tag]);
}

async function debootstrap(suite: Suite, tarball: string, signal: AbortSignal | undefined): Promise<void> {
  const root = tarball.replace(/\.tar$/, '');
  await rm(root, { recursive: true, force: true });
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  await runProgram('debootstrap', ['--variant=minbase', suite, root, MIRROR, SCRIPT], { env, signal });
  const trusted = process.env.NODE_EXTRA_CA_CERTS ?? AUTHORITIES;
  mkdirSync(path.dirname(path.join(root, AUTHORITIES)), { recursive: true });
  if (existsSync(trusted)) await copyFile(trusted, path.join(root, AUTHORITIES));
  const apt = path.join(root, 'etc/apt/apt.conf.d/90valid');
  // A mirror may stand still for longer than a testing release says that its lists are valid.
  await writeFile(apt, 'Acquire::Check-Valid-Until "false";\n');
  const left = NEEDLESS.map((folder) => `path-exclude /${folder}/*\n`);
  await writeFile(path.join(root, 'etc/dpkg/dpkg.cfg.d/90slim'), left.join(''));
  const excludes = [...NEEDLESS, ...PASSING].map((folder) => `--exclude=./${folder}/*`);
  // Under its name only when it is whole: the next run finds it there.
  await runProgram('tar', ['-C', root, ...excludes, '-cf', `${tarball}.part`, '.'], { signal });
  await rename(`${tarball}.part`, tarball);
  await rm(root, { recursive: true, force: true });
}

async function requireDebootstrap(say: (text: string) => void): Promise<void> {
  if (findProgram('debootstrap') !== undefined) return;
  const obstacle = whyNotInstallable();
  if (obstacle !== undefined) throw new Error(`--stand-ins needs debootstrap, and ${obstacle}.`);
  await installPackages('debootstrap', ['debootstrap'], say);
}
