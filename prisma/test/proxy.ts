// A TCP proxy in front of a server, to take the server away without touching it.
import { connect, createServer, type Socket } from 'node:net';
import t from 'tap';

export interface Proxy {
  /** The given URL, by way of the proxy. */
  url: string;
  /** Ends every connection, as a server that dies does. */
  cut(): void;
  /** From now on nothing comes back, and nobody is told. */
  silence(): void;
  /** What was silenced has ended; connections made from now on are served again. */
  speak(): void;
}

export async function startProxy(targetUrl: string): Promise<Proxy> {
  const target = new URL(targetUrl);
  const sockets = new Set<Socket>();
  let silent = false;
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    near.on('data', (data) => far.write(data));
    far.on('data', (data) => silent || near.write(data));
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  t.teardown(() => {
    cut();
    server.close();
  });
  const url = new URL(targetUrl);
  url.port = String((server.address() as { port: number }).port);
  return {
    url: url.href,
    cut,
    silence: () => {
      silent = true;
    },
    speak: () => {
      silent = false;
    },
  };
}
