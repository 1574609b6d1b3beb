// How often somebody may try to log in: by account and by address, exactly over all processes. Counts under digests, so that no address
// of a person or of a network can be read from the counters; and the same for accounts that do not exist, so that they can't be told.
import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { AppError } from '@tintype/core';
import type { RateWindow } from '@tintype/prisma';
import type { ApiConfig } from './config.ts';
import type { Deps } from './deps.ts';

export interface Attempt {
  /** It counts as if it had never been: for those that succeeded, or said nothing of the password. */
  forgive(): Promise<void>;
}

export interface Attempts {
  /**
   * Begins to try a password: it counts as failed until it is forgiven.
   * @throws AppError TOO_MANY_ATTEMPTS with nothing counted, whatever the password is
   */
  begin(tried: { email?: string; ip: string }): Promise<Attempt>;
}

type AttemptsConfig = Pick<ApiConfig, 'loginAttempts' | 'loginAttemptsPerAddress' | 'loginWindowSeconds'>;

interface Subject {
  digest: string;
  limit: number;
}

/** As good as no limit. */
const PLENTY = 1_000_000_000;

export function createAttempts(config: AttemptsConfig, deps: Pick<Deps, 'rates'>): Attempts {
  const seconds = config.loginWindowSeconds;

  function subjectsOf({ email, ip }: { email?: string; ip: string }): Subject[] {
    const network = { digest: digestOf('address', networkOf(ip)), limit: config.loginAttemptsPerAddress };
    if (email === undefined) return [network];
    return [{ digest: digestOf('account', lettersOf(email)), limit: config.loginAttempts }, network];
  }

  // What is forgiven is counted, too, instead of being taken back: counters only grow. One that is a moment old lets too few in.
  const forgiven = (subjects: Subject[], cost: number): RateWindow[] =>
    subjects.map(({ digest }) => ({ subject: `login-forgiven:${digest}`, seconds, limit: PLENTY, cost }));

  return {
    begin: async (tried) => {
      const subjects = subjectsOf(tried);
      const { windows: past } = await deps.rates.take(forgiven(subjects, 0));
      const answer = await deps.rates.take(
        subjects.map(({ digest, limit }, nth) => {
          const more = PLENTY - (past[nth]?.remaining ?? PLENTY);
          return { subject: `login:${digest}`, seconds, limit: limit + more };
        }),
      );
      if (!answer.isAllowed) throw tooManyAttempts(answer.windows);
      return {
        forgive: async () => {
          await deps.rates.take(forgiven(subjects, 1));
        },
      };
    },
  };
}

function tooManyAttempts(windows: { remaining: number; resetSeconds: number }[]): AppError {
  const full = windows.filter(({ remaining }) => remaining <= 0).map(({ resetSeconds }) => resetSeconds);
  return new AppError('TOO_MANY_ATTEMPTS', { retryAfterSeconds: Math.max(1, ...full) });
}

function digestOf(kind: string, text: string): string {
  return createHash('sha256').update(`${kind}:${text}`).digest('base64url');
}

/**
 * What is left of an address when no spelling matters. Coarser than any `lower` of PostgreSQL, which finds the account: there `İ` may be an
 * `i`, and whoever could spell an address in two ways would have twice the attempts.
 */
export function lettersOf(email: string): string {
  return email.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().toUpperCase();
}

/** What one subscriber is given: of IPv6 a whole /64, as four groups. */
export function networkOf(ip: string): string {
  const address = ip.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(address)) return address;
  // The same address has many spellings; an URL has one.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (text = '') => (text === '' ? [] : text.split(':'));
  const zeros = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length;
  return [...groups(head), ...Array<string>(zeros).fill('0'), ...groups(tail)].slice(0, 4).join(':');
}
