// Knows how to run one PostgreSQL server on a data folder and how to say why it does not start.
// Refuses to know what is stored in it.
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Account, accountFor } from './account.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { openFolder } from './folder-access.ts';
import { freePort } from './free-port.ts';
import { preparePostgres } from './postgres-binaries.ts';
import { ensureDataFolder } from './postgres-data.ts';
import { awaitEmpty, ownerSetting, vacate } from './postgres-occupant.ts';

export interface PostgresOptions {
  /** Made when missing; one server at a time. */
  dataDir: string;
  /** Default: a free one. */
  port?: number;
  /** Default true. False skips every flush to disk: for data that may be lost with the machine, as in tests. */
  durable?: boolean;
  /** Hears the server's log and what was repaired, line by line. */
  log?: (line: string) => void;
  /** Default: PostgreSQL's own, 100. */
  maxConnections?: number;
}

export interface PostgresServer {
  /** postgres://postgres@127.0.0.1:PORT/postgres */
  url: string;
  port: number;
  pid: number;
  /** Resolves when the server has ended, by whatever cause. */
  exited: Promise<void>;
  /** Ends sessions, flushes, waits for the end; kills after 10 s. Safe to call twice. */
  stop(): Promise<void>;
}

const startTimeoutMs = 120_000;
const stopGraceMs = 10_000;
const portTries = 3;

interface Launch {
  program: string;
  dataDir: string;
  account: Account | undefined;
  settings: string[];
  log: (line: string) => void;
}

type Outcome =
  | { state: 'ready'; daemon: Daemon }
  | { state: 'port taken' }
  | { state: 'failed'; lines: string[] };

function chooseSettings(options: PostgresOptions): string[] {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'timezone=UTC',
    'log_timezone=UTC',
    `${ownerSetting}=${process.pid}`,
  ];
  if (options.durable === false) settings.push('fsync=off', 'full_page_writes=off');
  if (options.maxConnections !== undefined) settings.push(`max_connections=${options.maxConnections}`);
  return settings.flatMap((setting) => ['-c', setting]);
}

async function launch({ program, dataDir, account, settings, log }: Launch, port: number): Promise<Outcome> {
  const access = openFolder(dataDir, account);
  let announceReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => {
    announceReady = resolve;
  });
  const daemon = startDaemon(program, ['-D', access.path, '-p', String(port), ...settings], {
    account,
    folder: access.descriptor,
    deathSignal: 'SIGINT',
    onLine: (line) => {
      log(line);
      if (line.includes('ready to accept connections')) announceReady();
    },
  });
  access.close();
  const giveUp = new AbortController();
  const timeout = pause(startTimeoutMs, undefined, { signal: giveUp.signal }).catch(() => undefined);
  await Promise.race([ready, daemon.exited, timeout]);
  giveUp.abort();
  const lines = daemon.lastLines();
  if (!daemon.hasExited() && lines.some((line) => line.includes('ready to accept')))
    return { state: 'ready', daemon };
  await daemon.stop('SIGINT', stopGraceMs);
  if (lines.some((line) => /could not bind .*(Address already in use|10048)/i.test(line)))
    return { state: 'port taken' };
  return { state: 'failed', lines };
}

async function launchOnPort(
  launchable: Launch,
  wanted: number | undefined,
): Promise<{ daemon: Daemon; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = wanted ?? (await freePort());
    const outcome = await launch(launchable, port);
    if (outcome.state === 'ready') return { daemon: outcome.daemon, port };
    if (outcome.state === 'failed') {
      throw new Error(`PostgreSQL did not start:\n${outcome.lines.slice(-8).join('\n')}`);
    }
    // Somebody may take a free port before the server does; a port that was asked for is the caller's to change.
    if (wanted !== undefined || attempt === portTries) {
      throw new Error(`PostgreSQL cannot start: port ${port} on 127.0.0.1 is already in use.`);
    }
  }
}

/**
 * Starts PostgreSQL on 127.0.0.1 only, without a Unix socket and without passwords: whoever may open a connection on
 * this machine's loopback interface is its superuser. Meant for one developer's machine and for tests.
 *
 * Repairs what a killed run left: half-made folders, servers without a starter, stale lock files. Started by root, it
 * runs as the data folder's owner or uid 65534. The server ends with this process.
 *
 * @throws Error in words for people: port in use, folder in use, other version, or the last lines of the server's log
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const log = options.log ?? (() => undefined);
  const dataDir = resolve(options.dataDir);
  const account = accountFor(dataDir);
  const binaries = await preparePostgres(account);
  await vacate(dataDir, log);
  await ensureDataFolder({ dataDir, binaries, account, durable: options.durable ?? true, log });
  const settings = chooseSettings(options);
  const { daemon, port } = await launchOnPort(
    { program: binaries.postgres, dataDir, account, settings, log },
    options.port,
  );
  daemon.unref();
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    port,
    pid: daemon.pid,
    exited: daemon.exited,
    stop: async () => {
      await daemon.stop('SIGINT', stopGraceMs);
      await awaitEmpty(dataDir, stopGraceMs);
    },
  };
}
