// Knows how to take a server away without touching it: a TCP proxy that hangs up, goes silent, is slow, or answers in its stead.
// Refuses to know what travels through it.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  port: number;
  /** The given URL, by way of the proxy. */
  through(url: string): string;
  /** Everything flows again; what was held back comes first, as after a hole in a network. */
  pass(): void;
  /** Ends every connection and accepts none. */
  cut(): void;
  /** Connections stay and are accepted, and nothing flows. */
  blackhole(): void;
  /** What clients say arrives; what the server answers is held back. */
  mute(): void;
  /** Flows, each way so much later. */
  delay(delayMs: number): void;
  /** Whatever a client says is answered with these bytes and the end of its connection. */
  answer(bytes: string): void;
  /** From now on new connections go to this port; those that are open end. */
  aim(port: number): void;
  close(): Promise<void>;
}

type Mode = 'pass' | 'cut' | 'blackhole' | 'mute' | 'answer';

interface Flow {
  /** Looks again at what may go on. */
  look(): void;
}

/** A proxy on a free port of 127.0.0.1. */
export async function startTcpProxy(target: { host?: string; port: number }): Promise<TcpProxy> {
  let { port: targetPort } = target;
  let mode: Mode = 'pass';
  let delayMs = 0;
  let answer = '';
  const sockets = new Set<Socket>();
  const flows = new Set<Flow>();

  function change(next: Mode): void {
    mode = next;
    for (const flow of flows) flow.look();
  }

  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  }

  function dropAll(): void {
    for (const socket of sockets) reset(socket);
  }

  /** One direction: bytes in order, each not before its time, none while they are held. */
  function flow(from: Socket, to: Socket, isHeld: () => boolean): Flow {
    const waiting: { chunk: Buffer | undefined; dueAt: number }[] = [];
    let timer: NodeJS.Timeout | undefined;

    function pass(chunk: Buffer | undefined): void {
      if (chunk === undefined) return void to.end();
      const wasFull = to.writableNeedDrain;
      if (to.write(chunk) || wasFull) return;
      from.pause();
      to.once('drain', look);
    }

    function look(): void {
      clearTimeout(timer);
      if (isHeld()) return void from.pause();
      const now = performance.now();
      for (let next = waiting[0]; next !== undefined && next.dueAt <= now; next = waiting[0]) {
        waiting.shift();
        pass(next.chunk);
      }
      const [next] = waiting;
      if (next !== undefined) timer = setTimeout(look, next.dueAt - now);
      if (!to.writableNeedDrain) from.resume();
    }

    function take(chunk: Buffer | undefined): void {
      waiting.push({ chunk, dueAt: delayMs === 0 && waiting.length === 0 ? 0 : performance.now() + delayMs });
      look();
    }

    from.on('data', take);
    from.on('end', () => take(undefined));
    to.on('close', () => flows.delete(self));
    from.on('close', () => {
      // An end in order is passed on in order; anything else ends the other side as well.
      if (from.readableEnded) return;
      clearTimeout(timer);
      to.destroy();
    });
    const self = { look };
    flows.add(self);
    return self;
  }

  function answerInstead(near: Socket): void {
    near.once('data', () => near.end(answer));
    near.resume();
  }

  function accept(near: Socket): void {
    keep(near);
    if (mode === 'answer') answerInstead(near);
    else if (mode === 'cut') reset(near);
    else joinTo(near);
  }

  function joinTo(near: Socket): void {
    const far = connect({ host: target.host ?? '127.0.0.1', port: targetPort, allowHalfOpen: true });
    keep(far);
    for (const one of [
      flow(near, far, () => mode === 'blackhole'),
      flow(far, near, () => mode === 'blackhole' || mode === 'mute'),
    ])
      one.look();
  }

  const server = createServer({ allowHalfOpen: true }, accept);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    port,
    through: (url) => {
      const address = new URL(url);
      address.hostname = '127.0.0.1';
      address.port = String(port);
      return address.href;
    },
    pass: () => {
      delayMs = 0;
      change('pass');
    },
    cut: () => {
      change('cut');
      dropAll();
    },
    blackhole: () => change('blackhole'),
    mute: () => change('mute'),
    delay: (ms) => {
      delayMs = ms;
      change('pass');
    },
    answer: (bytes) => {
      answer = bytes;
      change('answer');
      dropAll();
    },
    aim: (next) => {
      targetPort = next;
      dropAll();
    },
    close: async () => {
      dropAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One that has said its last word can't be reset: Node.js would spin at its exit, waiting for the handle to close. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
