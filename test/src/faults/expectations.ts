// What clients must have seen while something was broken.
import type { Answer } from './post-image.ts';
import type { World } from './world.ts';

const ANSWER_WITHIN_MS = 3000;
const ACCEPTED_SHARE = 0.999;

/** Requests begun while the fault lasted. */
export function answersDuring({ load, fault }: World): Answer[] {
  const { beganAt = 0, endedAt = 0 } = fault;
  return load.answers().filter(({ at }) => at >= beganAt && at < endedAt);
}

/** The queue is away and nobody notices. */
export function expectAccepted(world: World): void {
  const all = answersDuring(world);
  const good = all.filter(({ status }) => status === 202 || status === 200);
  world.measures.redisOutagePosts = all.length;
  world.measures.redisOutageAccepted = good.length;
  world.precondition(all.length >= 50, `${all.length} POSTs during the fault`);
  const share = good.length / Math.max(all.length, 1);
  world.expect(
    share >= ACCEPTED_SHARE,
    `${(share * 100).toFixed(1)} % of the POSTs during the fault were accepted: ${describe(all)}`,
  );
}

/** The truth is away: clients are told so soon, and when to come back. */
export function expectRefusedSoon(world: World): void {
  const { endedAt = 0 } = world.fault;
  // Who is answered after the fault's end may have been answered well.
  const all = answersDuring(world).filter(({ at, ms, status }) => at + ms < endedAt || status !== 202);
  const slowest = Math.max(0, ...all.map(({ ms }) => ms));
  world.measures.postgresOutageSlowestMs = slowest;
  world.precondition(all.length >= 10, `${all.length} POSTs during the fault`);
  const wrong = all.filter(({ status, retryAfterSeconds }) => status !== 503 || !retryAfterSeconds);
  world.expect(
    wrong.length === 0,
    `${wrong.length} POSTs were not answered 503 with Retry-After: ${describe(wrong)}`,
  );
  world.expect(
    slowest <= ANSWER_WITHIN_MS,
    `the slowest answer during the fault took ${Math.round(slowest)} ms`,
  );
}

/** Nobody waits without an end, whatever is broken. */
export function expectNoHang(world: World): void {
  const hung = world.load.answers().filter(({ error }) => error === 'TIMEOUT');
  world.expect(hung.length === 0, `${hung.length} requests were never answered`);
}

/** Answers by kind: "202 × 40, ECONNRESET × 3". */
export function describe(answers: readonly Answer[]): string {
  const kinds = new Map<string, number>();
  for (const { status, error, body } of answers) {
    const kind = status === 0 ? String(error) : [status, body.code].filter(Boolean).join(' ');
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  return [...kinds].map(([kind, times]) => `${kind} × ${times}`).join(', ');
}
