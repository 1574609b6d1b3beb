// Clients that want every image accepted: they send it under one Idempotency-Key until they are told an id, however long it takes.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Picture, Pictures } from '../service/pictures.ts';
import type { Front } from './front.ts';
import { type Answer, type Door, type Order, postImage } from './post-image.ts';
import type { Random } from './random.ts';

export interface Accepted {
  id: string;
  key: string;
  /** When the client was told. */
  at: number;
  /** The path at the sink that the job calls back itself. */
  callback: string | undefined;
}

export interface Load {
  /** Keeps so many requests a second coming, `clients` at once at most. */
  start(pace: { perSecond: number; clients?: number }): void;
  /** No new images; resolves when those under way are accepted, or given up. */
  stop(): Promise<void>;
  /** One image, sent until it is accepted. */
  send(order?: Partial<Order> & { to?: Door }): Promise<Accepted | undefined>;
  /** What one answer said, for scenarios that send by themselves. */
  note(key: string, answer: Answer, callback?: string): Accepted | undefined;
  newPicture(): Picture;
  newKey(): string;
  accepted(): Accepted[];
  /** Keys that were answered with more than one id. */
  keysWithSeveralIds(): string[];
  /** Every request, in the order of its end. */
  answers(): readonly Answer[];
  underWay(): number;
  givenUp(): number;
}

/** A client that was not answered well for so long goes home: that is a failure of the run. */
const PATIENCE_MS = 60_000;
const MAX_PAUSE_MS = 1000;
/** One image in so many calls back by itself, beside the tenant's endpoint. */
const CALLBACK_SHARE = 0.25;

/** A request that is wrong stays wrong. */
function isHopeless({ status, body }: Answer): boolean {
  return [400, 401, 413, 415, 422].includes(status) && body.code !== 'UPLOAD_ABORTED';
}

export interface LoadOptions {
  front: Front;
  pictures: Pictures;
  random: Random;
  /** The address for a job's own callback; undefined: none. */
  callbackUrl?: ((path: string) => string) | undefined;
}

export function createLoad({ front, pictures, random, callbackUrl }: LoadOptions): Load {
  const ids = new Map<string, Set<string>>();
  const accepted = new Map<string, Accepted>();
  const answers: Answer[] = [];
  const running = new Set<Promise<unknown>>();
  let givenUp = 0;
  let count = 0;
  let stopped = new AbortController();
  let pacing: Promise<void> | undefined;

  function note(key: string, answer: Answer, callback?: string): Accepted | undefined {
    answers.push(answer);
    const { id } = answer.body;
    if ((answer.status !== 202 && answer.status !== 200) || typeof id !== 'string') return undefined;
    const known = ids.get(key) ?? new Set();
    ids.set(key, known.add(id));
    const entry = accepted.get(id) ?? { id, key, at: Date.now(), callback };
    accepted.set(id, entry);
    return entry;
  }

  function newPicture(): Picture {
    count += 1;
    return pictures.make(count, `${count} ${random.uuid()}`);
  }

  function pauseAfter({ retryAfterSeconds = 0 }: Answer, round: number): number {
    const wanted = Math.max(retryAfterSeconds * 1000, 50 * 2 ** Math.min(round, 4));
    return Math.min(wanted, MAX_PAUSE_MS) * (0.75 + random.next() / 2);
  }

  /** The order as it goes out: complete, and some with an address to call back. */
  function complete(given: Partial<Order>): { order: Order & { key: string }; callback: string | undefined } {
    const key = given.key ?? random.uuid();
    const callback = callbackUrl !== undefined && random.next() < CALLBACK_SHARE ? `job/${key}` : undefined;
    const called = callback === undefined ? {} : { webhookUrl: callbackUrl?.(callback) ?? '' };
    const order = { picture: newPicture(), ...given, key, fields: { ...given.fields, ...called } };
    return { order, callback };
  }

  async function send({ to, ...given }: Partial<Order> & { to?: Door } = {}): Promise<Accepted | undefined> {
    const { order, callback } = complete(given);
    const deadline = Date.now() + PATIENCE_MS;
    for (let round = 0; Date.now() < deadline; round += 1) {
      const answer = await postImage(to ?? front.next(), order);
      const known = note(order.key, answer, callback);
      if (known !== undefined) return known;
      if (isHopeless(answer)) break;
      await sleep(pauseAfter(answer, round));
    }
    givenUp += 1;
    return undefined;
  }

  function track(sending: Promise<unknown>): void {
    const tracked = sending.finally(() => running.delete(tracked));
    running.add(tracked);
  }

  async function keepPace(perSecond: number, clients: number, signal: AbortSignal): Promise<void> {
    let due = performance.now();
    while (!signal.aborted) {
      if (running.size < clients) track(send());
      due = Math.max(due + 1000 / perSecond, performance.now() - 100);
      await sleep(Math.max(due - performance.now(), 0), undefined, { signal }).catch(() => undefined);
    }
  }

  return {
    start: ({ perSecond, clients = 32 }) => {
      stopped.abort();
      stopped = new AbortController();
      pacing = keepPace(perSecond, clients, stopped.signal);
    },
    stop: async () => {
      stopped.abort();
      await pacing;
      await Promise.all(running);
    },
    send: async (order) => {
      const sending = send(order);
      track(sending);
      return sending;
    },
    note,
    newPicture,
    newKey: () => random.uuid(),
    accepted: () => [...accepted.values()],
    keysWithSeveralIds: () => [...ids].flatMap(([key, known]) => (known.size > 1 ? [key] : [])),
    answers: () => answers,
    underWay: () => running.size,
    givenUp: () => givenUp,
  };
}
