import { hashPassword } from '@tintype/core';
import t from 'tap';
import { startApi } from './app.ts';
import { ask, logIn, PASSWORD, ROOMY, register, said } from './people.ts';

const api = await startApi({ env: { ...ROOMY, PASSWORD_MEMORY_KIB: '20480' } });
const hashOf = async (id: string) => (await api.database.users.passwordHash(id)) ?? '';

/** Somebody whose password was hashed when less memory was asked for. */
async function oldTimer() {
  const person = await register(api);
  const hash = await hashPassword(PASSWORD);
  await api.rows('UPDATE users SET password_hash = $2 WHERE id = $1', [person.id, hash]);
  return { ...person, hash };
}

t.test('a login renews the hash of a password that cost less', async (t) => {
  const person = await oldTimer();
  t.equal(said(await logIn(api, { ...person, password: 'wrong' })), '401 INVALID_CREDENTIALS');
  t.equal(await hashOf(person.id), person.hash, 'a right one');
  t.equal((await logIn(api, person)).status, 201);
  const renewed = await hashOf(person.id);
  t.match(renewed, /^\$argon2id\$v=19\$m=20480,t=2,p=1\$/);
  t.equal((await logIn(api, person)).status, 201, 'and it is that of the same password');
  t.equal(await hashOf(person.id), renewed, 'once');
  t.equal((await ask(api, person.cookie, 'GET', '/v1/users/me')).status, 200, 'sessions go on');
});

t.test('several logins at once', async (t) => {
  const person = await oldTimer();
  const answers = await Promise.all(Array.from({ length: 6 }, () => logIn(api, person)));
  t.same(answers.map(said), Array(6).fill('201'));
  t.match(await hashOf(person.id), /\$m=20480,/);
});

t.test('a password that is changed while it is hashed anew', async (t) => {
  const changed = await hashPassword('staple battery horse', { memoryKib: 20_480 });
  const slow = await startApi({
    env: { ...ROOMY, PASSWORD_MEMORY_KIB: '20480' },
    databaseUrl: async () => api.config.databaseUrl,
    swap: ({ db }) => ({
      db: {
        ...db,
        users: {
          ...db.users,
          rehash: async (id, ...hashes) => {
            await db.users.setPassword(id, changed);
            return db.users.rehash(id, ...hashes);
          },
        },
      },
    }),
  });
  const person = await oldTimer();
  t.equal(said(await logIn(slow, person)), '401 INVALID_CREDENTIALS');
  t.equal(await hashOf(person.id), changed);
});
