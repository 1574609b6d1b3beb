// People as a command line names them: by address, or by id where several have the same address.
import type { Database, UserRow } from '@tintype/prisma';
import { UsageError } from './usage.ts';

const EMAIL = /^[^@\s\p{Cc}\p{Cf}\p{Cs}]+@[^@\s\p{Cc}\p{Cf}\p{Cs}]+$/u;
const MAX_EMAIL = 254;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** An OIDC provider vouches for no address: there may be any number of people with the same one. */
const MOST_NAMESAKES = 20;

/** @throws UsageError for what is no address */
export function checkEmail(email: string): void {
  if (email.length > MAX_EMAIL || !EMAIL.test(email))
    throw new UsageError(`"${email}" is no e-mail address.`);
}

/** @throws Error that says what to do when nobody, or more than one, has that name */
export async function findPerson(name: string, { users }: Pick<Database, 'users'>): Promise<UserRow> {
  if (ID.test(name)) return orNobody(name, await users.get(name));
  checkEmail(name);
  const found = await users.list({ email: name, limit: MOST_NAMESAKES });
  if (found.length > 1) {
    const ids = found.map(({ id, issuer }) => `${id} (${issuer ?? 'with a password'})`);
    throw new Error(`Several people have the address ${name}. Name one by id: ${ids.join(', ')}.`);
  }
  return orNobody(name, found[0]);
}

function orNobody(name: string, person: UserRow | undefined): UserRow {
  if (person === undefined)
    throw new Error(`There is no account ${name}. "tintype admin list-users" lists them.`);
  return person;
}
