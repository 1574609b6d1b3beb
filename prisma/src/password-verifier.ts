// What PostgreSQL keeps of a password (SCRAM-SHA-256, RFC 5803). Sent in its place, the password reaches no log of statements.
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

/** PostgreSQL's own. */
const ITERATIONS = 4096;
const SALT_BYTES = 16;

// RFC 4013 (SASLprep), tables C.1.2 and B.1 of RFC 3454.
const SPACES = /[\u00A0\u1680\u2000-\u200B\u202F\u205F\u3000]/g;
const NOTHING = /\u00AD|\u034F|\u1806|[\u180B-\u180D]|\u200C|\u200D|\u2060|[\uFE00-\uFE0F]|\uFEFF/g;

/** `SCRAM-SHA-256$4096:SALT$STOREDKEY:SERVERKEY`, another each time. */
export function passwordVerifier(password: string): string {
  const salt = randomBytes(SALT_BYTES);
  const salted = pbkdf2Sync(prepare(password), salt, ITERATIONS, 32, 'sha256');
  const key = (name: string) => createHmac('sha256', salted).update(name).digest();
  const storedKey = createHash('sha256').update(key('Client Key')).digest('base64');
  const serverKey = key('Server Key').toString('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

/** Clients write what looks the same in the same way before they hash it; it must be what they write. */
function prepare(password: string): string {
  return password.replace(SPACES, ' ').replace(NOTHING, '').normalize('NFKC');
}
