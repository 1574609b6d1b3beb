// The account of this machine: a person with a key, made at the first start. Key and password are kept beside the data, so that what was
// pasted works tomorrow too.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { hashPassword, makePassword, verifyPassword } from '@tintype/core';
import { type Database, makeApiKey, openDatabase, parseApiKey, SCOPES, secretMatches } from '@tintype/prisma';
import { DATA_FOLDER } from './folders.ts';

export const EMAIL = 'you@localhost';
const PLAN = 'unlimited';
/** That of "tintype keys create". */
const TENANT = 'default';

const KEY_FILE = path.join(DATA_FOLDER, 'api-key');
const PASSWORD_FILE = path.join(DATA_FOLDER, 'password');

export interface Account {
  key: string;
  /** Undefined: another than the one that is kept here was chosen since. */
  password: string | undefined;
}

interface KeptKey {
  key: string;
  tenantId: string;
  /** The tenant belongs to nobody: it was made before there were accounts. */
  isOrphan: boolean;
}

export async function accountFor(databaseUrl: string): Promise<Account> {
  const db = openDatabase({ url: databaseUrl, poolSize: 1 });
  try {
    const kept = await findKey(db);
    const { tenantId, password } = await findOrMakePerson(db, kept);
    return { key: kept?.key ?? (await makeKey(db, tenantId)), password };
  } finally {
    await db.close();
  }
}

async function findKey(db: Database): Promise<KeptKey | undefined> {
  const key = readKept(KEY_FILE) ?? '';
  const { id = '', secret = '' } = parseApiKey(key) ?? {};
  const owner = await db.principals.ofKey(id);
  if (owner === undefined || !secretMatches(secret, owner.secretSha256) || owner.revokedAt !== null)
    return undefined;
  if (owner.expiresAt !== null && owner.expiresAt <= new Date()) return undefined;
  return { key, tenantId: owner.tenantId, isOrphan: owner.userId === null };
}

async function makeKey(db: Database, tenantId: string): Promise<string> {
  const { id, key, secretSha256 } = makeApiKey();
  await db.apiKeys.create(tenantId, { id, name: 'development', secretSha256, scopes: SCOPES });
  keep(KEY_FILE, key);
  return key;
}

async function findOrMakePerson(
  db: Database,
  key: KeptKey | undefined,
): Promise<{ tenantId: string; password: string | undefined }> {
  const person = await db.users.findByEmail(EMAIL);
  if (person === undefined) return makePerson(db, key);
  const { id, tenantId, passwordHash } = person;
  const kept = readKept(PASSWORD_FILE);
  if (kept !== undefined)
    return { tenantId, password: (await verifyPassword(passwordHash, kept)) ? kept : undefined };
  const password = makePassword();
  await db.users.setPassword(id, await hashPassword(password));
  keep(PASSWORD_FILE, password);
  return { tenantId, password };
}

/** What was posted before there were accounts becomes the person's: that of the key's tenant, or of the one that keys are made for by default. */
async function makePerson(
  db: Database,
  key: KeptKey | undefined,
): Promise<{ tenantId: string; password: string }> {
  const password = makePassword();
  const person = await db.users.create({
    email: EMAIL,
    name: null,
    passwordHash: await hashPassword(password),
    planName: PLAN,
    isAdmin: true,
    tenantId: key?.isOrphan === true ? key.tenantId : await db.allApiKeys.ensureTenant(TENANT),
  });
  if (person === undefined) throw new Error(`The account ${EMAIL} could not be made.`);
  keep(PASSWORD_FILE, password);
  return { tenantId: person.tenantId, password };
}

function readKept(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}

function keep(file: string, secret: string): void {
  writeFileSync(file, secret, { mode: 0o600 });
}
