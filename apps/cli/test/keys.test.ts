import { parseApiKey, secretMatches, USER_SCOPES } from '@tintype/prisma';
import t from 'tap';
import { keys } from '../src/commands/keys.ts';
import { newService, refusal, run } from './command.ts';

const { env, db } = await newService();

async function create(...options: string[]): Promise<{ id: string; secret: string }> {
  const { out, err } = await run(['keys', 'create', ...options], env);
  t.match(out, /^tt_\w+\n$/, `the key and nothing else ${err}`);
  return parseApiKey(out.trim()) ?? { id: '', secret: '' };
}

t.test('keys: made, listed, revoked', async (t) => {
  t.same(await run(['keys', 'list'], env), { code: 0, out: '', err: '' });
  const { id, secret } = await create('--name', 'for a test', '--tenant', 'acme', '--expires-in-days', '30');
  const row = await db.principals.ofKey(id);
  t.ok(secretMatches(secret, row?.secretSha256 ?? new Uint8Array()), 'it works');
  t.equal(row?.tenantId, await db.allApiKeys.ensureTenant('acme'));
  t.ok(Math.abs((row?.expiresAt?.getTime() ?? 0) - Date.now() - 30 * 86_400_000) < 600_000);

  const plain = await create();
  t.match(await db.principals.ofKey(plain.id), {
    tenantId: await db.allApiKeys.ensureTenant('default'),
    expiresAt: null,
    keyPlanName: null,
    scopes: [...USER_SCOPES],
  });

  const list = async () => (await run(['keys', 'list'], env)).out;
  const scopes = USER_SCOPES.join(',');
  t.match(
    await list(),
    new RegExp(`^${id}  live     \\S+  for a test  ${scopes}\n${plain.id}  live     \\S+  cli  ${scopes}\n$`),
  );
  t.notMatch(await list(), secret, 'without its secret');

  t.same(await run(['keys', 'revoke', id], env), { code: 0, out: `revoked ${id}\n`, err: '' });
  t.ok((await db.principals.ofKey(id))?.revokedAt, 'it works no more');
  t.match(await list(), `${id}  revoked `);
  for (const unknown of [id, 'nonsense']) {
    t.same(await run(['keys', 'revoke', unknown], env), {
      code: 1,
      out: '',
      err: `There is no live key ${unknown}.\n`,
    });
  }
});

t.test('keys create: scopes, plan and person', async (t) => {
  const ada = await db.users.create({
    email: 'ada@example.com',
    name: null,
    passwordHash: 'x',
    planName: 'free',
  });
  const table: [options: string[], want: object][] = [
    [['--scopes', 'webhooks, images:read'], { scopes: ['images:read', 'webhooks'] }],
    [['--scopes', 'images:read', '--admin'], { scopes: ['images:read', 'admin'] }],
    [['--admin'], { scopes: [...USER_SCOPES, 'admin'] }],
    [['--plan', 'pro'], { keyPlanName: 'pro', keyLimits: { requestsPerSecond: 100 }, planName: 'unlimited' }],
    [['--user', 'ADA@example.com'], { tenantId: ada?.tenantId, userId: ada?.id, planName: 'free' }],
    [['--user', ada?.id ?? ''], { userId: ada?.id }],
  ];
  for (const [options, want] of table) {
    const { id } = await create(...options);
    t.match(await db.principals.ofKey(id), want, options.join(' '));
  }
  const { out } = await run(['keys', 'list'], env);
  t.match(out, /cli {2}jobs:write,images:read,images:write,webhooks {2}plan=pro\n/);
});

t.test('keys create: what can not be', async (t) => {
  const table: [options: string[], code: number, sentence: RegExp][] = [
    [['--scopes', 'images:read,fly'], 2, /^--scopes must be some of jobs:write,.*admin, not "fly"/],
    [['--scopes', ''], 2, /^--scopes must be/],
    [['--user', 'a@example.com', '--tenant', 'b'], 2, /^A key belongs to/],
    [['--user', 'nobody'], 2, /^"nobody" is no e-mail address/],
    [['--user', 'nobody@example.com'], 1, /^There is no account nobody@example.com\./],
    [['--user', 'ada@example.com', '--admin'], 1, /"tintype admin grant ada@example.com" first/],
    [['--plan', 'gold'], 1, /^There is no plan "gold"\. There are: free, pro, unlimited\./],
  ];
  for (const [options, code, err] of table)
    t.match(await refusal(keys, ['create', ...options]), { code, err }, options.join(' '));
});
