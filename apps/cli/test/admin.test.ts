import { randomBytes } from 'node:crypto';
import { verifyPassword } from '@tintype/core';
import t from 'tap';
import { admin } from '../src/commands/admin.ts';
import { newService, refusal, run } from './command.ts';

const { env, db } = await newService();
const find = (email: string) => db.users.findByEmail(email);
const hashOf = async (email: string) => (await find(email))?.passwordHash;

t.test('create-user: a password is made, and shown once', async (t) => {
  const { code, out, err } = await run(['admin', 'create-user', 'Ada@Example.com'], env);
  t.equal(code, 0, err);
  const [, password = ''] = /^made Ada@Example\.com, plan free\npassword: ([\w-]{20})\n$/.exec(out) ?? [];
  t.equal(await verifyPassword(await hashOf('ada@example.com'), password), true);
  t.match(await find('ada@example.com'), {
    email: 'Ada@Example.com',
    name: null,
    isAdmin: false,
    planName: 'free',
  });
  t.match(await refusal(admin, ['create-user', 'ada@example.com']), {
    code: 1,
    err: /^There is an account ada@example\.com already\./,
  });
});

t.test('create-user: all is told', async (t) => {
  const args = ['bob@example.com', '--name', 'Bob', '--plan', 'pro', '--admin', '--password-stdin'];
  const made = await run(['admin', 'create-user', ...args], env, 'a password of his own\n');
  t.same(made, { code: 0, out: 'made bob@example.com, plan pro\n', err: '' }, 'which is not repeated');
  t.match(await find('bob@example.com'), { name: 'Bob', isAdmin: true, planName: 'pro' });
  t.equal(await verifyPassword(await hashOf('bob@example.com'), 'a password of his own'), true);

  const other = { ...env, DEFAULT_PLAN: 'unlimited', PASSWORD_MEMORY_KIB: '20000' };
  t.match(await run(['admin', 'create-user', 'carl@example.com'], other), { out: /plan unlimited/ });
  t.match(await hashOf('carl@example.com'), 'm=20000,', 'the cost is that of the api');
});

t.test('grant, revoke, suspend, resume, plan', async (t) => {
  await db.users.create({ email: 'dora@example.com', name: null, passwordHash: 'x', planName: 'free' });
  const table: [action: string[], want: object][] = [
    [['grant', 'Dora@Example.com'], { isAdmin: true }],
    [['revoke', 'dora@example.com'], { isAdmin: false }],
    [['suspend', 'dora@example.com'], { suspendedAt: Date, isAdmin: false }],
    [['resume', 'dora@example.com'], { suspendedAt: null }],
    [['plan', 'dora@example.com', 'pro'], { planName: 'pro', suspendedAt: null }],
    [['grant', (await find('dora@example.com'))?.id ?? ''], { isAdmin: true, planName: 'pro' }],
  ];
  for (const [args, want] of table) {
    const { code, out, err } = await run(['admin', ...args], env);
    t.equal(code, 0, err);
    t.match(out, `${args[1]} `, args.join(' '));
    t.match(await find('dora@example.com'), want, args.join(' '));
  }
});

t.test('files: where those of a person, or of a tenant without one, lie', async (t) => {
  const email = 'finn@example.com';
  const finn = await db.users.create({ email, name: null, passwordHash: 'x', planName: 'free' });
  const prefixOf = async () => (await db.users.get(finn?.id ?? ''))?.filesPrefix;
  t.match(await run(['admin', 'files', email, 'photos/2019/'], env), {
    code: 0,
    out: 'finn@example.com delivers files from photos/2019/ now\n',
  });
  t.equal(await prefixOf(), 'photos/2019/');
  for (const prefix of ['', 'photos', '../', `${crypto.randomUUID()}/`])
    t.match(await refusal(admin, ['files', email, prefix]), { code: 2, err: /^The prefix must/ });
  t.equal(await prefixOf(), 'photos/2019/');
  t.match(await refusal(admin, ['files', email]), { code: 2, err: /a prefix, or "none"/ });
  t.match(await run(['admin', 'files', email, 'none'], env), { out: `${finn?.tenantId}/files/ now` });
  t.equal(await prefixOf(), null);
  t.match(await run(['admin', 'files', '--tenant', 'nobody', 'old/'], env), {
    code: 1,
    err: 'There is no tenant "nobody".',
  });
  await db.allApiKeys.ensureTenant('default');
  t.match(await run(['admin', 'files', '--tenant', 'default', 'old/'], env), {
    code: 0,
    out: 'default delivers',
  });
  const tenantId = await db.allApiKeys.ensureTenant('default');
  t.same(await db.files.find(tenantId, 'a.jpg'), { image: undefined, prefix: 'old/' });
});

t.test('reset-password ends all sessions', async (t) => {
  const email = 'eve@example.com';
  const eve = await db.users.create({ email, name: null, passwordHash: 'x', planName: 'free' });
  const tokenSha256 = randomBytes(32);
  const session = {
    userId: eve?.id ?? '',
    tokenSha256,
    userAgent: null,
    expiresAt: new Date(Date.now() + 60_000),
  };
  await db.sessions.create(session);
  const { out } = await run(['admin', 'reset-password', email], env);
  const [, password = ''] = /\npassword: ([\w-]{20})\n$/.exec(out) ?? [];
  t.equal(await verifyPassword(await hashOf(email), password), true);
  t.equal(await db.principals.ofSession(tokenSha256), undefined);
  const told = await run(['admin', 'reset-password', email, '--password-stdin'], env, 'her own password\r\n');
  t.notMatch(told.out, 'password:');
  t.equal(await verifyPassword(await hashOf(email), 'her own password'), true);
});

t.test('people of an OIDC provider', async (t) => {
  const person = { issuer: 'https://issuer.example', name: 'O\u001b[2J', planName: 'free' };
  const frank = await db.users.ensureSubject({ ...person, subject: '1', email: 'frank@example.com' });
  t.match(await refusal(admin, ['reset-password', 'frank@example.com']), {
    code: 1,
    err: /logs in by https:\/\/issuer\.example and has no password here/,
  });
  const namesake = await db.users.ensureSubject({ ...person, subject: '2', email: 'frank@example.com' });
  const several = await refusal(admin, ['grant', 'frank@example.com']);
  t.equal(several.code, 1);
  t.match(several.err, /^Several people have the address frank@example\.com\. Name one by id: /);
  for (const { id } of [frank, namesake]) t.match(several.err, id);
  t.match(await run(['admin', 'grant', namesake.id], env), { code: 0 });
  t.match(
    [(await db.users.get(frank.id))?.isAdmin, (await db.users.get(namesake.id))?.isAdmin],
    [false, true],
  );
});

t.test('list-users', async (t) => {
  const all = await db.users.list({ limit: 100 });
  await db.users.update(all[0]?.id ?? '', { suspended: true });
  const { out } = await run(['admin', 'list-users'], env);
  const lines = out.trim().split('\n');
  t.same(
    lines.map((line) => line.slice(0, 36)),
    all.map(({ id }) => id),
    'newest first, by id',
  );
  t.match(
    lines[0],
    /^\S{36} {2}suspended {2}\S+ {2}free {7}frank@example\.com {2}O\ufffd\[2J {2}admin {2}https:/,
  );
  t.match(lines.at(-1), /^\S{36} {2}active {5}\S+ {2}free {7}Ada@Example\.com$/);
});

t.test('what can not be', async (t) => {
  const create = (...args: string[]) => ['create-user', ...args];
  const table: [args: string[], code: number, sentence: RegExp][] = [
    [[], 2, /^Say "admin create-user", .* or "admin reset-password"\./],
    [create(), 2, /^Name one person/],
    [create('a@b', 'c@d'), 2, /^Name one person/],
    [create('nobody'), 2, /^"nobody" is no e-mail address/],
    [create(`${'a'.repeat(250)}@b.de`), 2, /is no e-mail address/],
    [create('a@b', '--plan', 'gold'), 1, /^There is no plan "gold"\. There are: free, pro, unlimited\./],
    [create('a@b', '--password', 'x'), 2, /--password/],
    [['list-users', 'all'], 2, /all/],
    [['grant'], 2, /^Name one person/],
    [['suspend', 'zoe@example.com'], 1, /^There is no account zoe@example\.com\. "tintype admin list-users"/],
    [['resume', '01a1ff7a-da1b-71e8-a09e-eadcd2a073f0'], 1, /^There is no account 01a1ff7a/],
    [['plan', 'ada@example.com'], 2, /^Name one person by address, and a plan/],
    [['plan', 'ada@example.com', 'gold'], 1, /^There is no plan "gold"/],
    [['reset-password', 'zoe@example.com'], 1, /^There is no account/],
  ];
  for (const [args, code, err] of table) t.match(await refusal(admin, args), { code, err }, args.join(' '));
  t.match(await run(['admin', ...create('a@b', '--password-stdin')], env, 'short\n'), {
    code: 2,
    out: '',
    err: /^The password on standard input must have 10 to 256/,
  });
  process.env.PASSWORD_MEMORY_KIB = '8';
  t.match(await refusal(admin, create('a@b')), { code: 1, err: /^PASSWORD_MEMORY_KIB must be a whole/ });
  t.equal(await find('a@b'), undefined);
});
