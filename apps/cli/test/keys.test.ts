import { openDatabase, parseApiKey, secretMatches } from '@tintype/prisma';
import t from 'tap';
import { emptyDatabase, run } from './command.ts';

t.test('keys: made, listed, revoked', async (t) => {
  const env = await emptyDatabase();
  await run(['migrate'], env);
  const db = openDatabase({ url: env.DATABASE_URL, poolSize: 1 });
  t.teardown(() => db.close());
  t.same(await run(['keys', 'list'], env), { code: 0, out: '', err: '' });

  const made = await run(
    ['keys', 'create', '--name', 'for a test', '--tenant', 'acme', '--expires-in-days', '30'],
    env,
  );
  t.match(made.out, /^tt_\w+\n$/, 'the key and nothing else');
  const { id, secret } = parseApiKey(made.out.trim()) ?? { id: '', secret: '' };
  const row = await db.apiKeys.find(id);
  t.ok(secretMatches(secret, row?.secretSha256 ?? new Uint8Array()), 'it works');
  t.equal(row?.tenantId, await db.apiKeys.ensureTenant('acme'));
  t.ok(Math.abs((row?.expiresAt?.getTime() ?? 0) - Date.now() - 30 * 86_400_000) < 600_000);

  const plain = parseApiKey((await run(['keys', 'create'], env)).out.trim());
  t.equal((await db.apiKeys.find(plain?.id ?? ''))?.expiresAt, null);

  const list = async () => (await run(['keys', 'list'], env)).out;
  t.match(await list(), new RegExp(`^${id}  live     \\S+  for a test\n${plain?.id}  live     \\S+  cli\n$`));
  t.notMatch(await list(), secret, 'without its secret');

  t.same(await run(['keys', 'revoke', id], env), { code: 0, out: `revoked ${id}\n`, err: '' });
  t.ok((await db.apiKeys.find(id))?.revokedAt, 'it works no more');
  t.match(await list(), `${id}  revoked `);
  for (const unknown of [id, 'nonsense']) {
    t.same(await run(['keys', 'revoke', unknown], env), {
      code: 1,
      out: '',
      err: `There is no live key ${unknown}.\n`,
    });
  }
});
