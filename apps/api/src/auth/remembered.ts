// Who credentials belonged to a moment ago, so that not every request asks the database. Holds digests, never credentials: what differs
// from a credential that was checked in a single letter finds nothing.
import { hash } from 'node:crypto';
import type { Principal } from '../principal.ts';

/** What a check has found out. Whoever is suspended is known, and let in nowhere. */
export interface Checked {
  principal: Principal;
  isSuspended: boolean;
  /** Null: the credential lasts until it is taken back. */
  expiresAt: Date | null;
}

export interface Remembered<Found extends Checked> {
  /** What was found out at most `forMs` ago, or else what `ask` finds out now. Rejections are not remembered. */
  check(credential: { kind: string; text: string }, ask: () => Promise<Found>): Promise<Found>;
  /** Asks anew about these; about what is being asked at this moment, too. */
  forget(isIt: (principal: Principal) => boolean): void;
}

interface Entry<Found> {
  answer: Promise<Found>;
  /** Undefined while it is being asked. */
  checked: Found | undefined;
  /** By the clock that is never set. */
  untilMs: number;
}

/** `most` are kept; those beyond push out the oldest. */
export function createRemembered<Found extends Checked>({
  forMs,
  most,
}: {
  forMs: number;
  most: number;
}): Remembered<Found> {
  const entries = new Map<string, Entry<Found>>();

  function ask(name: string, find: () => Promise<Found>): Promise<Found> {
    // Counted from before the question: what changes behind it is seen in time.
    const entry: Entry<Found> = { answer: find(), checked: undefined, untilMs: performance.now() + forMs };
    const [oldest] = entries.size < most ? [] : entries.keys();
    if (oldest !== undefined) entries.delete(oldest);
    entries.set(name, entry);
    entry.answer.then(
      (checked) => {
        entry.checked = checked;
      },
      () => {
        if (entries.get(name) === entry) entries.delete(name);
      },
    );
    return entry.answer;
  }

  return {
    check: ({ kind, text }, find) => {
      if (forMs === 0) return find();
      const name = `${kind}:${hash('sha256', text, 'base64url')}`;
      const known = entries.get(name);
      if (known !== undefined && isGood(known)) return known.answer;
      entries.delete(name);
      return ask(name, find);
    },
    forget: (isIt) => {
      for (const [name, { checked }] of entries) {
        if (checked === undefined || isIt(checked.principal)) entries.delete(name);
      }
    },
  };
}

function isGood({ untilMs, checked }: Entry<Checked>): boolean {
  const expiresAt = checked?.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
  return untilMs > performance.now() && expiresAt > Date.now();
}
