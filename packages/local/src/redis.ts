// Knows how to get a Redis of one's own. Refuses to touch one that already runs on this machine.
import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { accountFor, handOver } from './account.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { freePort } from './free-port.ts';
import { makeScratch } from './scratch.ts';
import { obtainProgram } from './service-program.ts';

export interface RedisOptions {
  /** Default: a free one. */
  port?: number;
  /** Default 'none': everything in memory. 'aof': an append-only file in `dir`, flushed every second; 'aof-always': at each write. */
  persistence?: 'none' | 'aof' | 'aof-always';
  /** Default: a temporary folder that goes with the server. */
  dir?: string;
  /** Hears the server's log, line by line. */
  log?: (line: string) => void;
  /** Hears what is being installed, line by line. */
  progress?: (line: string) => void;
}

export interface RedisServer {
  url: string;
  port: number;
  /** Missing when REDIS_URL named a server that is not ours. */
  pid?: number;
  /** Ends our server; does nothing to one that is not ours. */
  stop(): Promise<void>;
}

const startTimeoutMs = 10_000;
const stopGraceMs = 10_000;

/** Whether something accepts connections on this port of 127.0.0.1. */
function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (open: boolean) => {
      socket.destroy();
      done(open);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

async function awaitReady(daemon: Daemon, port: number): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  const isReady = async () =>
    daemon.lastLines().some((line) => line.includes('Ready to accept connections')) && (await answers(port));
  while (!(await isReady())) {
    if (daemon.hasExited() || Date.now() > deadline) {
      await daemon.stop('SIGKILL', 0);
      const lines = daemon.lastLines();
      if (lines.some((line) => line.includes('Address already in use'))) {
        throw new Error(`Redis cannot start: port ${port} on 127.0.0.1 is already in use.`);
      }
      throw new Error(`Redis did not start:\n${lines.slice(-8).join('\n')}`);
    }
    await pause(10);
  }
}

async function startOwn(program: string, options: RedisOptions): Promise<RedisServer> {
  const port = options.port ?? (await freePort());
  const scratch = options.dir === undefined ? makeScratch('redis') : undefined;
  const dir = scratch?.path ?? resolve(options.dir ?? '.');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const account = accountFor(dir);
  handOver(dir, account);
  const { persistence = 'none' } = options;
  const appendOnly = persistence === 'none' ? 'no' : 'yes';
  const appendSync = persistence === 'aof-always' ? 'always' : 'everysec';
  // The folder is entered before the change of user and named '.', so it may lie below folders closed to that user.
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--dir', '.', '--save', ''];
  args.push(
    '--appendonly',
    appendOnly,
    '--appendfsync',
    appendSync,
    '--maxmemory-policy',
    'noeviction',
    '--daemonize',
    'no',
  );
  const log = options.log ?? (() => undefined);
  const daemon = startDaemon(program, args, { account, cwd: dir, deathSignal: 'SIGTERM', onLine: log });
  try {
    await awaitReady(daemon, port);
  } catch (error) {
    scratch?.remove();
    throw error;
  }
  daemon.unref();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    pid: daemon.pid,
    stop: async () => {
      await daemon.stop('SIGTERM', stopGraceMs);
      scratch?.remove();
    },
  };
}

/**
 * A Redis: the one REDIS_URL names, else our own from redis-server on PATH, else (Debian, root) installed first.
 * Our own listens on 127.0.0.1 without a password, never evicts, and ends with this process.
 *
 * @throws ServiceUnavailableError when none of these is possible
 * @throws Error when ours does not start: port in use, or the last lines of its log
 */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const given = process.env.REDIS_URL;
  if (given !== undefined && given !== '') {
    return { url: given, port: Number(new URL(given).port) || 6379, stop: async () => undefined };
  }
  const program = await obtainProgram(
    { service: 'redis', program: 'redis-server', packages: ['redis-server'], variable: 'REDIS_URL' },
    options.progress ?? (() => undefined),
  );
  return startOwn(program, options);
}
