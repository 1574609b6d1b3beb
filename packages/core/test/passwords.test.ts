import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';
import {
  hashPassword,
  isPasswordHashStale,
  MIN_PASSWORD_MEMORY_KIB,
  makePassword,
  verifyPassword,
} from '../src/index.ts';

t.test('a hash knows its password, and tells nothing of it', async (t) => {
  const password = 'correct horse battery staple';
  const [hash, again] = await Promise.all([hashPassword(password), hashPassword(password)]);
  t.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  t.not(hash, again, 'each has a salt of its own');
  t.equal(await verifyPassword(hash, password), true);
  for (const other of ['', 'Correct horse battery staple', `${password} `])
    t.equal(await verifyPassword(hash, other), false, other);
});

t.test('the same letters are the same password, however they are composed', async (t) => {
  t.equal(await verifyPassword(await hashPassword('Zu\u0308rich\u212b'), 'Z\u00fcrich\u00c5'), true);
});

t.test('nobody has no password', async (t) => {
  t.equal(await verifyPassword(undefined, ''), false);
  t.equal(await verifyPassword(undefined, 'anything', { memoryKib: 20_000 }), false);
});

t.test('a made password is long, and made once', async (t) => {
  const made = Array.from({ length: 100 }, makePassword);
  for (const password of made) t.match(password, /^[\w-]{20}$/);
  t.equal(new Set(made).size, 100);
});

t.test('what is no hash is an error', async (t) => {
  for (const hash of ['', 'plain', '$2b$10$abc']) await t.rejects(verifyPassword(hash, 'plain'), hash);
});

t.test('the cost is as configured, never less than the least, and a change shows', async (t) => {
  const cheap = await hashPassword('x', { memoryKib: 8 });
  t.match(cheap, `m=${MIN_PASSWORD_MEMORY_KIB},`);
  const dear = await hashPassword('x', { memoryKib: 32_768 });
  t.match(dear, 'm=32768,');
  t.equal(await verifyPassword(dear, 'x'), true, 'a hash says itself what it cost');
  t.equal(await isPasswordHashStale(cheap), false);
  t.equal(await isPasswordHashStale(cheap, { memoryKib: 32_768 }), true);
  t.equal(await isPasswordHashStale(dear, { memoryKib: 32_768 }), false);
});

t.test('many at once are all answered', async (t) => {
  const hashes = await Promise.all(
    Array.from({ length: 12 }, (_, index) => hashPassword(`password ${index}`)),
  );
  const answers = await Promise.all(hashes.map((hash, index) => verifyPassword(hash, `password ${index}`)));
  t.same(new Set(answers), new Set([true]));
});

t.test('whoever hashes nothing does not load the library', async (t) => {
  const script = `
    const core = await import(${JSON.stringify(new URL('../src/index.js', import.meta.url).href)});
    const loaded = () => process.report.getReport().sharedObjects.filter((file) => file.includes('argon2')).length;
    const before = loaded();
    await core.hashPassword('x');
    console.log(before, loaded());`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  t.match(stdout, /^0 [1-9]\n$/);
});
