// A Redis of one scenario's own, behind a proxy, that can die, freeze, fill up, forget, and be replaced.
import { mkdir, readdir, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import {
  type RedisOptions,
  type RedisServer,
  startRedis,
  startTcpProxy,
  type TcpProxy,
} from '@tintype/local';
import { Redis } from 'ioredis';

export interface FaultyRedis {
  proxy: TcpProxy;
  /** By way of the proxy. */
  url: string;
  /** Asks past the proxy. */
  call(command: string, ...args: string[]): Promise<unknown>;
  kill(): Promise<void>;
  /** Starts again on the same folder and port. */
  start(): Promise<void>;
  /** SIGSTOP and SIGCONT. */
  freeze(): void;
  thaw(): void;
  /** Takes so many bytes off the end of its append-only file: what a power failure would have taken. */
  cutFile(bytes: number): Promise<number>;
  /** Another, empty one stands where this one stood. */
  replace(): Promise<void>;
  stop(): Promise<void>;
}

export async function openRedis(
  folder: string,
  persistence: NonNullable<RedisOptions['persistence']> = 'none',
): Promise<FaultyRedis> {
  let dir = path.join(folder, 'redis');
  await mkdir(dir, { recursive: true });
  let server: RedisServer = await startRedis({ dir, persistence });
  const proxy = await startTcpProxy({ port: server.port });

  async function call(command: string, ...args: string[]): Promise<unknown> {
    const client = new Redis(server.url, { maxRetriesPerRequest: 1, commandTimeout: 2000 });
    client.on('error', () => undefined);
    try {
      return await client.call(command, ...args);
    } finally {
      client.disconnect();
    }
  }

  function signal(name: NodeJS.Signals): void {
    if (server.pid === undefined) throw new Error('This Redis is not ours.');
    process.kill(server.pid, name);
  }

  /** SIGKILL, and wait until it is gone. */
  async function kill(): Promise<void> {
    signal('SIGKILL');
    await server.stop();
  }

  return {
    proxy,
    url: proxy.through(server.url),
    call,
    kill,
    start: async () => {
      server = await startRedis({ dir, persistence, port: server.port });
    },
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    cutFile: async (bytes) => {
      const files = path.join(dir, 'appendonlydir');
      const last = (await readdir(files)).find((name) => name.endsWith('.incr.aof'));
      if (last === undefined) throw new Error('There is no append-only file.');
      const { size } = await stat(path.join(files, last));
      const left = Math.max(size - bytes, 0);
      await truncate(path.join(files, last), left);
      return size - left;
    },
    replace: async () => {
      await kill();
      dir = path.join(folder, 'redis-new');
      await mkdir(dir, { recursive: true });
      server = await startRedis({ dir, persistence });
      proxy.aim(server.port);
    },
    stop: async () => {
      if (server.pid !== undefined) process.kill(server.pid, 'SIGCONT');
      await proxy.close();
      await server.stop();
    },
  };
}
