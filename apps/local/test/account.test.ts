import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { verifyPassword } from '@tintype/core';
import { createDatabase, dropDatabase } from '@tintype/local';
import { makeApiKey, openDatabase, parseApiKey, SCOPES } from '@tintype/prisma';
import t, { type Test } from 'tap';
import type { Account } from '../src/account.ts';

const { TEST_POSTGRES_URL: server = '', TEST_POSTGRES_TEMPLATE: template = '' } = process.env;
const folder = await mkdtemp(path.join(tmpdir(), 'tintype-account-'));
t.teardown(() => rm(folder, { recursive: true }));
process.env.TINTYPE_DATA = folder;
const { accountFor, EMAIL } = await import('../src/account.ts');

const keyFile = path.join(folder, 'api-key');
const passwordFile = path.join(folder, 'password');

/** Of a machine where nothing has run yet. */
async function newMachine(t: Test) {
  await Promise.all([keyFile, passwordFile].map((file) => rm(file, { force: true })));
  const url = await createDatabase(server, `test_${crypto.randomUUID().replaceAll('-', '')}`, { template });
  const db = openDatabase({ url, poolSize: 1 });
  t.teardown(async () => {
    await db.close();
    await dropDatabase(url);
  });
  const ownerOf = ({ key }: Pick<Account, 'key'>) => db.principals.ofKey(parseApiKey(key)?.id ?? '');
  return { db, ownerOf, start: () => accountFor(url) };
}

/** As it was made before there were accounts. */
async function makeOldKey({ db }: Pick<Awaited<ReturnType<typeof newMachine>>, 'db'>, tenant: string) {
  const tenantId = await db.allApiKeys.ensureTenant(tenant);
  const { id, key, secretSha256 } = makeApiKey();
  await db.apiKeys.create(tenantId, { id, name: 'development', secretSha256, scopes: SCOPES });
  await writeFile(keyFile, key);
  return { id, key, tenantId };
}

t.test('the first start makes a person with a key; the next ones find both', async (t) => {
  const { db, ownerOf, start } = await newMachine(t);
  const first = await start();
  const person = await db.users.findByEmail(EMAIL);
  t.match(person, { isAdmin: true, planName: 'unlimited' });
  t.equal(await verifyPassword(person?.passwordHash, first.password ?? ''), true);
  t.match(await ownerOf(first), { userId: person?.id, isAdmin: true, scopes: [...SCOPES] });
  t.same(
    [await readFile(keyFile, 'utf8'), await readFile(passwordFile, 'utf8')],
    [first.key, first.password],
  );
  for (const file of [keyFile, passwordFile]) t.equal((await stat(file)).mode & 0o777, 0o600, file);
  t.same(await start(), first);
});

t.test('what was posted before there were accounts stays with its key', async (t) => {
  for (const tenant of ['default', 'other']) {
    const machine = await newMachine(t);
    const { key, tenantId } = await makeOldKey(machine, tenant);
    const account = await machine.start();
    t.equal(account.key, key, 'it is pasted somewhere');
    t.match(await machine.db.users.findByEmail(EMAIL), { tenantId, planName: 'unlimited' });
    t.match(await machine.ownerOf({ key }), { tenantId, userId: String, isAdmin: true });
    t.equal((await machine.db.users.list({ limit: 9 })).length, 1);
  }
});

t.test('the same where the old key works no more: the person has a new one', async (t) => {
  const machine = await newMachine(t);
  const { id, key, tenantId } = await makeOldKey(machine, 'default');
  await machine.db.allApiKeys.revoke(id);
  const account = await machine.start();
  t.not(account.key, key);
  t.match(await machine.ownerOf(account), { tenantId, revokedAt: null, scopes: [...SCOPES] });
});

t.test('a key that is lost, nonsense, revoked or expired is replaced', async (t) => {
  const { db, ownerOf, start } = await newMachine(t);
  const spoil: (() => Promise<unknown>)[] = [
    () => rm(keyFile),
    () => writeFile(keyFile, 'nonsense'),
    async () => db.allApiKeys.revoke(parseApiKey(await readFile(keyFile, 'utf8'))?.id ?? ''),
    async () => {
      const { id, key, secretSha256 } = makeApiKey();
      const tenantId = (await db.users.findByEmail(EMAIL))?.tenantId ?? '';
      await db.apiKeys.create(tenantId, { id, name: 'x', secretSha256, expiresAt: new Date(0) });
      await writeFile(keyFile, key);
    },
  ];
  let { key, password } = await start();
  for (const one of spoil) {
    await one();
    const account = await start();
    t.not(account.key, key);
    t.equal(account.password, password, 'the password stays');
    t.match(await ownerOf(account), { revokedAt: null, expiresAt: null, isAdmin: true });
    ({ key, password } = account);
  }
});

t.test('a password that was chosen is not touched; one that is lost is made anew', async (t) => {
  const { db, start } = await newMachine(t);
  const { key, password } = await start();
  await writeFile(passwordFile, 'not this one');
  const person = await db.users.findByEmail(EMAIL);
  t.same(await start(), { key, password: undefined });
  t.equal(await db.users.passwordHash(person?.id ?? ''), person?.passwordHash);
  await rm(passwordFile);
  const again = await start();
  t.not(again.password, password);
  t.equal(await verifyPassword(await db.users.passwordHash(person?.id ?? ''), again.password ?? ''), true);
});

t.test('whoever deleted the account begins anew', async (t) => {
  const { db, ownerOf, start } = await newMachine(t);
  const first = await start();
  await db.users.remove((await db.users.findByEmail(EMAIL))?.id ?? '');
  const second = await start();
  t.not(second.key, first.key);
  t.not(second.password, first.password);
  t.match(await ownerOf(second), { isAdmin: true, userId: (await db.users.findByEmail(EMAIL))?.id });
});
