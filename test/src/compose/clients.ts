// Clients that want every image accepted: each sends one under one Idempotency-Key until it is told a job, then the next.
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type Door, postImage } from '../faults/post-image.ts';
import type { Pictures } from '../service/pictures.ts';
import type { Sent } from './ledger.ts';

export interface Clients {
  start(count: number): void;
  /** No new images; resolves when those under way are accepted, or given up. */
  stop(): Promise<void>;
  sent(): readonly Sent[];
  /** Every request, in the order of its end. */
  answers(): readonly Answer[];
}

/** A client that was not answered well for so long gives up: that is a failure of the run. */
const PATIENCE_MS = 90_000;
const PAUSE_MS = 40;
const MAX_PAUSE_MS = 1000;

/** Whether a client would send the same again: the request was good, and its answer was not. */
export function isWorthRepeating({ status }: Pick<Answer, 'status'>): boolean {
  return status === 0 || status === 409 || status === 429 || status >= 500;
}

export function createClients(door: Door, pictures: Pictures): Clients {
  const sent: Sent[] = [];
  const answers: Answer[] = [];
  let count = 0;
  let isRunning = false;
  let running: Promise<unknown> = Promise.resolve();

  async function sendOne(): Promise<void> {
    count += 1;
    const key = randomUUID();
    const picture = pictures.make(count, key);
    const jobIds: string[] = [];
    sent.push({ key, jobIds, sha256Hex: createHash('sha256').update(picture.bytes).digest('hex') });
    const deadline = Date.now() + PATIENCE_MS;
    for (let round = 0; Date.now() < deadline; round += 1) {
      const answer = await postImage(door, { key, picture });
      answers.push(answer);
      if (typeof answer.body.id === 'string' && answer.status < 300) jobIds.push(answer.body.id);
      if (!isWorthRepeating(answer)) return;
      const asked = (answer.retryAfterSeconds ?? 0) * 1000;
      await sleep(Math.min(Math.max(asked, PAUSE_MS * 2 ** Math.min(round, 5)), MAX_PAUSE_MS));
    }
  }

  async function live(): Promise<void> {
    while (isRunning) {
      await sendOne();
      await sleep(PAUSE_MS);
    }
  }

  return {
    start: (clients) => {
      isRunning = true;
      running = Promise.all(Array.from({ length: clients }, live));
    },
    stop: async () => {
      isRunning = false;
      await running;
    },
    sent: () => sent,
    answers: () => answers,
  };
}
