// Whether a password is somebody's. Takes as long, and says the same, for addresses that are unknown here.
import {
  AppError,
  hashPassword,
  isPasswordHashStale,
  type PasswordOptions,
  verifyPassword,
} from '@tintype/core';
import type { UserRow } from '@tintype/prisma';
import type { ApiConfig } from './config.ts';
import type { Deps } from './deps.ts';
import { type Attempts, createAttempts } from './lock-out.ts';

type LoginConfig = Pick<
  ApiConfig,
  'passwordMemoryKib' | 'maxLoginsAtOnce' | 'loginAttempts' | 'loginAttemptsPerAddress' | 'loginWindowSeconds'
>;

export type UserWithPassword = UserRow & { passwordHash: string };

export interface Passwords {
  attempts: Attempts;
  /** @throws AppError OVERLOADED while many wait for their turn */
  hash(password: string): Promise<string>;
  /**
   * The person that logs in.
   * @throws AppError INVALID_CREDENTIALS, TOO_MANY_ATTEMPTS, ACCOUNT_SUSPENDED after the right password alone, OVERLOADED
   */
  logIn(login: { email: string; password: string; ip: string }): Promise<UserWithPassword>;
  /**
   * Whoever is logged in shows that it is himself.
   * @throws AppError INVALID_CREDENTIALS, TOO_MANY_ATTEMPTS, OVERLOADED
   */
  confirm(user: UserRow, shown: { password: string; ip: string }): Promise<void>;
}

export function createPasswords(config: LoginConfig, deps: Pick<Deps, 'db' | 'rates'>): Passwords {
  const { db } = deps;
  const options: PasswordOptions = { memoryKib: config.passwordMemoryKib };
  const attempts = createAttempts(config, deps);
  let underWay = 0;

  /** Hashing has its own few turns; who would wait long for one is told at once. */
  async function inLine<Result>(action: () => Promise<Result>): Promise<Result> {
    if (underWay >= config.maxLoginsAtOnce) throw new AppError('OVERLOADED');
    underWay += 1;
    try {
      return await action();
    } finally {
      underWay -= 1;
    }
  }

  /** Undefined: the password is wrong, or there is nobody whose it could be. */
  async function tryPassword<Person extends { passwordHash: string }>(
    { email, password, ip }: { email: string; password: string; ip: string },
    find: () => Promise<Person | undefined>,
  ): Promise<Person | undefined> {
    const attempt = await attempts.begin({ email, ip });
    let isWrong = false;
    try {
      const person = await find();
      const isRight = await verifyPassword(person?.passwordHash, password, options);
      isWrong = !isRight;
      return isRight ? person : undefined;
    } finally {
      // An outage on the way is nobody's guess.
      if (!isWrong) await attempt.forgive();
    }
  }

  /** The hash of a password that is right: made anew where it was made with another cost than is wanted now. */
  async function renew({ id, passwordHash }: UserWithPassword, password: string): Promise<string> {
    if (!(await isPasswordHashStale(passwordHash, options))) return passwordHash;
    const next = await hashPassword(password, options);
    if (await db.users.rehash(id, passwordHash, next)) return next;
    // Whoever was first has renewed it, too, or has changed the password.
    const present = await db.users.passwordHash(id);
    if (present === undefined || !(await verifyPassword(present, password)))
      throw new AppError('INVALID_CREDENTIALS');
    return present;
  }

  return {
    attempts,
    hash: (password) => inLine(() => hashPassword(password, options)),

    logIn: (login) =>
      inLine(async () => {
        const user = await tryPassword(login, () => db.users.findByEmail(login.email));
        if (user === undefined) throw new AppError('INVALID_CREDENTIALS');
        if (user.suspendedAt !== null) throw new AppError('ACCOUNT_SUSPENDED');
        return { ...user, passwordHash: await renew(user, login.password) };
      }),

    confirm: ({ id, email }, { password, ip }) =>
      inLine(async () => {
        const shown = { email: email ?? id, password, ip };
        const user = await tryPassword(shown, async () => {
          const passwordHash = await db.users.passwordHash(id);
          return passwordHash === undefined ? undefined : { passwordHash };
        });
        if (user === undefined)
          throw new AppError('INVALID_CREDENTIALS', { message: 'The password is wrong.' });
      }),
  };
}

/**
 * The first password that anybody would try.
 * @throws AppError INVALID_REQUEST
 */
export function refuseAddressAsPassword(email: string | null, field: { [name: string]: string }): void {
  for (const [name, password] of Object.entries(field)) {
    if (password.toLowerCase() !== email?.toLowerCase()) continue;
    throw new AppError('INVALID_REQUEST', {
      message: 'The address itself is no password.',
      problems: [{ pointer: `/${name}`, message: 'must not be the address itself' }],
    });
  }
}
