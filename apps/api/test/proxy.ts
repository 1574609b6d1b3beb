// A TCP proxy that can hang up on everyone, or go silent and keep every connection open: how servers really fail.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import t from 'tap';

export interface Proxy {
  port: number;
  /** Ends every connection and accepts none. */
  cut(): void;
  /** Keeps and accepts connections, and passes nothing on. */
  silence(): void;
  restore(): void;
}

export async function startProxy(target: { host: string; port: number }): Promise<Proxy> {
  let mode: 'pass' | 'cut' | 'silent' = 'pass';
  const sockets = new Set<Socket>();

  function join(from: Socket, to: Socket): void {
    sockets.add(from);
    from.on('data', (chunk) => {
      if (mode === 'pass') to.write(chunk);
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
  }

  function dropAll(): void {
    for (const socket of sockets) socket.destroy();
  }

  const server = createServer((client) => {
    if (mode === 'cut') return client.destroy();
    const upstream = connect(target);
    join(client, upstream);
    join(upstream, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    dropAll();
    server.close();
  });

  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      mode = 'cut';
      dropAll();
    },
    silence: () => {
      mode = 'silent';
    },
    restore: () => {
      mode = 'pass';
      // What was swallowed can't be given back: whoever was connected must begin anew.
      dropAll();
    },
  };
}
