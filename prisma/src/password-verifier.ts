// What PostgreSQL keeps of a password (SCRAM-SHA-256, RFC 5803). Sent in its place, the password reaches no log of statements.
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

/** PostgreSQL's own. */
const ITERATIONS = 4096;
const SALT_BYTES = 16;

/** `SCRAM-SHA-256$4096:SALT$STOREDKEY:SERVERKEY`, another each time. */
export function passwordVerifier(password: string): string {
  const salt = randomBytes(SALT_BYTES);
  // Clients write what looks the same in the same way before they hash it.
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, ITERATIONS, 32, 'sha256');
  const key = (name: string) => createHmac('sha256', salted).update(name).digest();
  const storedKey = createHash('sha256').update(key('Client Key')).digest('base64');
  const serverKey = key('Server Key').toString('base64');
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}
