// Knows the order in which a throw-away Ceph cluster comes up and goes down. Refuses to know what S3 is used for.
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { composeCephConfig } from './ceph-config.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { freePort } from './free-port.ts';
import { runTool } from './tool.ts';

export interface CephCluster {
  endpoint: string;
  pids: number[];
  stop(): Promise<void>;
}

export interface CephOptions {
  /** An empty folder for everything the cluster writes. */
  folder: string;
  accessKeyId: string;
  secretAccessKey: string;
  log: (line: string) => void;
}

const readyTimeoutMs = 60_000;
const stopGraceMs = 5_000;
const attempts = 3;

/** The daemons of one attempt: when one of them ends too early, or time is up, the whole attempt is aborted. */
interface Attempt {
  signal: AbortSignal;
  daemons: Daemon[];
  run(program: string, ...args: string[]): Promise<string[]>;
  start(program: string, ...args: string[]): void;
  /** Ends the watch over the daemons. */
  settle(): void;
}

function beginAttempt(folder: string, config: string, log: (line: string) => void): Attempt {
  const daemons: Daemon[] = [];
  const trouble = new AbortController();
  const timer = setTimeout(
    () => trouble.abort(new Error('The S3 server did not start in time.')),
    readyTimeoutMs,
  );
  const shared = { env: { CEPH_CONF: config }, cwd: folder, onLine: log };
  let settled = false;
  return {
    signal: trouble.signal,
    daemons,
    run: (program, ...args) => runTool(program, args, { ...shared, signal: trouble.signal }),
    start: (program, ...args) => {
      const daemon = startDaemon(program, ['-f', ...args], { ...shared, deathSignal: 'SIGKILL' });
      daemons.push(daemon);
      void daemon.exited.then(() => {
        const lines = daemon.lastLines().slice(-8).join('\n');
        if (!settled) trouble.abort(new Error(`The S3 server did not start, ${program} ended:\n${lines}`));
      });
    },
    settle: () => {
      settled = true;
      clearTimeout(timer);
    },
  };
}

async function awaitAnswer(endpoint: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const status = await fetch(endpoint, { signal }).then(
      (response) => response.status,
      () => 0,
    );
    if (status !== 0 && status < 500) return;
    await pause(20);
  }
}

/** Memory only: there is nothing to flush. */
async function endAll(daemons: Daemon[]): Promise<void> {
  await Promise.all(daemons.map((daemon) => daemon.stop('SIGKILL', stopGraceMs)));
}

async function bringUp(folder: string, options: CephOptions): Promise<CephCluster> {
  const ports = { monitor: await freePort(), gateway: await freePort() };
  const clusterId = randomUUID();
  const storeId = randomUUID();
  const config = join(folder, 'ceph.conf');
  const map = join(folder, 'monmap');
  for (const name of ['mon', 'osd']) mkdirSync(join(folder, name), { recursive: true });
  const monitorAddress = `[v1:127.0.0.1:${ports.monitor}]`;
  const keys = ['--access-key', options.accessKeyId, '--secret-key', options.secretAccessKey];
  const endpoint = `http://127.0.0.1:${ports.gateway}`;

  writeFileSync(config, composeCephConfig(folder, clusterId, ports));
  const attempt = beginAttempt(folder, config, options.log);
  const { run, start, daemons } = attempt;
  try {
    await run('monmaptool', '--create', '--addv', 'a', monitorAddress, '--fsid', clusterId, map);
    await run('ceph-mon', '--mkfs', '-i', 'a', '--monmap', map);
    start('ceph-mon', '-i', 'a', '--public-addr', '127.0.0.1');
    await run('ceph', 'osd', 'new', storeId, '0');
    await run('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', storeId);
    await run('ceph', 'osd', 'crush', 'add', 'osd.0', '1', 'root=default', 'host=local');
    start('ceph-osd', '-i', '0');
    await run('radosgw-admin', 'user', 'create', '--uid', 'local', '--display-name', 'local', ...keys);
    start('radosgw', '-n', 'client.rgw');
    await awaitAnswer(endpoint, attempt.signal);
  } catch (error) {
    attempt.settle();
    await endAll(daemons);
    throw error;
  }
  attempt.settle();
  for (const daemon of daemons) daemon.unref();
  return { endpoint, pids: daemons.map((daemon) => daemon.pid), stop: () => endAll(daemons) };
}

/**
 * Brings up a monitor, one in-memory store and the gateway, as children of this process.
 *
 * @throws Error with the last lines of the part that failed, three times; nothing is left running then
 */
export async function startCeph(options: CephOptions): Promise<CephCluster> {
  for (let number = 1; ; number++) {
    const folder = join(options.folder, String(number));
    mkdirSync(folder);
    try {
      return await bringUp(folder, options);
    } catch (error) {
      // Other processes take ports too, between our finding one free and the daemon's binding it; a new try has new ones.
      options.log(error instanceof Error ? error.message : String(error));
      if (number === attempts) throw error;
    }
  }
}
