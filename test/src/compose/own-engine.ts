// A Docker engine of our own where none runs, in a network namespace of its own: this machine's network and firewall stay as they are.
// Containers reach the world, and we their published ports, through slirp4netns.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Daemon, findProgram, installPackages, startDaemon, whyNotInstallable } from '@tintype/local';
import { type Engine, findEngine, NoEngineError } from './engine.ts';

/** Program and Debian package. */
const WANTED = [
  ['dockerd', 'docker.io'],
  ['docker-compose', 'docker-compose'],
  ['slirp4netns', 'slirp4netns'],
] as const;
const START_MS = 60_000;
const STOP_GRACE_MS = 60_000;
/** Where slirp4netns puts the first machine behind it. */
const GUEST = '10.0.2.100';

/**
 * @param folder keeps what the engine stores; its path must be short, for its sockets lie there
 * @throws NoEngineError where it can't be had
 */
export async function startOwnEngine(folder: string, log: (line: string) => void): Promise<Engine> {
  await install(log);
  mkdirSync(folder, { recursive: true });
  const at = (name: string) => path.join(folder, name);
  const daemons: Daemon[] = [];
  const stop = async () => {
    for (const daemon of daemons.splice(0).reverse()) await daemon.stop('SIGTERM', STOP_GRACE_MS);
  };
  try {
    daemons.push(startDockerd(at));
    const pid = await pidOf(at('docker.pid'), daemons);
    daemons.push(startNetwork(pid, at('network.sock')));
    const engine = await answering({ ...process.env, DOCKER_HOST: `unix://${at('docker.sock')}` }, daemons);
    return {
      ...engine,
      // Of its network, which nobody reaches but us.
      bind: '0.0.0.0',
      says: `${engine.says}, started in ${folder}`,
      open: (port) => forward(at('network.sock'), port),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function install(log: (line: string) => void): Promise<void> {
  const obstacle = whyNotInstallable();
  if (obstacle !== undefined) throw new NoEngineError(`--own-engine is for Debian and root, but ${obstacle}`);
  // Debian's own come first: what else is called docker may be a client of another kind.
  process.env.PATH = `/usr/sbin:/usr/bin:${process.env.PATH ?? ''}`;
  for (const [program, name] of WANTED)
    if (findProgram(program) === undefined) await installPackages(program, [name], log);
}

function startDockerd(at: (name: string) => string): Daemon {
  const options = [
    `--data-root=${at('data')}`,
    `--exec-root=${at('exec')}`,
    `--pidfile=${at('docker.pid')}`,
    `--host=unix://${at('docker.sock')}`,
  ];
  const script = 'ip link set lo up; exec dockerd "$@"';
  return startDaemon('unshare', ['--net', 'sh', '-c', script, 'sh', ...options], { deathSignal: 'SIGTERM' });
}

function startNetwork(pid: number, socket: string): Daemon {
  const options = ['--configure', '--mtu=65520', '--disable-host-loopback', `--api-socket=${socket}`];
  return startDaemon('slirp4netns', [...options, String(pid), 'tap0'], { deathSignal: 'SIGTERM' });
}

async function pidOf(file: string, daemons: readonly Daemon[]): Promise<number> {
  return soon(daemons, async () => {
    const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
    return pid > 0 ? pid : undefined;
  });
}

function answering(env: NodeJS.ProcessEnv, daemons: readonly Daemon[]): Promise<Engine> {
  return soon(daemons, () => findEngine(env).catch(() => undefined));
}

/** @throws NoEngineError with what the daemons said last */
async function soon<Thing>(
  daemons: readonly Daemon[],
  look: () => Promise<Thing | undefined>,
): Promise<Thing> {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline && !daemons.some((daemon) => daemon.hasExited())) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(200);
  }
  const said = daemons.flatMap((daemon) => daemon.lastLines().slice(-5)).join('\n');
  throw new NoEngineError(`the engine did not start:\n${said}`);
}

/** Lets 127.0.0.1:`port` here lead to the same port there. */
async function forward(socket: string, port: number): Promise<void> {
  const connection = connect(socket);
  const order = {
    proto: 'tcp',
    host_addr: '127.0.0.1',
    host_port: port,
    guest_addr: GUEST,
    guest_port: port,
  };
  connection.end(JSON.stringify({ execute: 'add_hostfwd', arguments: order }));
  const answer = await text(connection);
  if (answer.includes('"error"')) throw new Error(`slirp4netns does not forward port ${port}: ${answer}`);
}
