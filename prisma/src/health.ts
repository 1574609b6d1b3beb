// Knows whether PostgreSQL answers, from looking twice a second over a connection of its own: a pool that is busy is no database that is away.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

export interface DatabaseHealth {
  /** What the last look found; true before the first. */
  readonly isUp: boolean;
  /** Resolves when the first look has ended. */
  readonly known: Promise<void>;
  /** Something else was answered by the database just now: it is slow at most. */
  answered(): void;
  /** Calls `listener` when the database goes away; answers how to stop that. */
  onAway(listener: () => void): () => void;
  close(): Promise<void>;
}

export interface WatchOptions {
  everyMs?: number;
  /** A database that has not answered by then is away. */
  withinMs?: number;
}

const LOOK_AGAIN_MS = 250;
/** For a look that has to connect first, while nothing is to be found out but that the server is back. */
const CONNECT_WITHIN_MS = 4000;
/** The first of all, in a process that is busy starting. */
const FIRST_WITHIN_MS = 10_000;

export function watchDatabase(
  url: string,
  { everyMs = 500, withinMs = 2000 }: WatchOptions = {},
): DatabaseHealth {
  const listeners = new Set<() => void>();
  let isUp = true;
  let closed = false;
  let answeredAt = Number.NEGATIVE_INFINITY;
  let client: pg.Client | undefined;
  let pause = new AbortController();

  async function connect(): Promise<pg.Client> {
    if (closed) throw new Error('Nobody looks any more.');
    const next = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: FIRST_WITHIN_MS,
      keepAlive: true,
      application_name: 'tintype-health',
    });
    client = next;
    next.on('error', () => {
      if (client === next) client = undefined;
      // The server may be gone: look at once.
      pause.abort();
    });
    await next.connect();
    return next;
  }

  async function ask(): Promise<void> {
    const known = client;
    if (known !== undefined) {
      const answered = await known.query('SELECT 1').catch(() => undefined);
      if (answered !== undefined) return;
      // One lost connection is no lost database.
      drop(known);
    }
    await (await connect()).query('SELECT 1');
  }

  function drop(old: pg.Client | undefined): void {
    if (client === old) client = undefined;
    void old?.end().catch(() => undefined);
  }

  async function look(boundMs: number): Promise<boolean> {
    const askedAt = performance.now();
    const asking = ask().then(
      () => true,
      () => false,
    );
    const answered = await Promise.race([asking, timeIsUp(boundMs)]);
    if (!answered) drop(client);
    return answered || answeredAt > askedAt;
  }

  function note(found: boolean): void {
    const wentAway = isUp && !found;
    isUp = found;
    if (wentAway) for (const listener of [...listeners]) listener();
  }

  async function watch(tell: () => void): Promise<void> {
    let boundMs = FIRST_WITHIN_MS;
    while (!closed) {
      pause = new AbortController();
      const found = await look(boundMs);
      if (closed) break;
      note(found);
      boundMs = isUp ? withinMs : CONNECT_WITHIN_MS;
      tell();
      await sleep(isUp ? everyMs : LOOK_AGAIN_MS, undefined, { signal: pause.signal }).catch(() => undefined);
    }
  }

  const { promise: known, resolve: tell } = withResolvers();
  const watching = watch(tell);

  return {
    get isUp() {
      return isUp;
    },
    known,
    answered: () => {
      answeredAt = performance.now();
    },
    onAway: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: async () => {
      closed = true;
      pause.abort();
      drop(client);
      tell();
      await watching;
    },
  };
}

/** Once more around the event loop: after a long turn the answer may be there, and only not have been read. */
async function timeIsUp(timeoutMs: number): Promise<false> {
  await sleep(timeoutMs, undefined, { ref: false });
  await new Promise((resolve) => setImmediate(resolve));
  return false;
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
