// `tintype migrate --create-database` on a server as a provider rents it out.
import { spawn } from 'node:child_process';
import path from 'node:path';
import pg from 'pg';
import t from 'tap';
import { ROOT } from '../src/service/root.ts';
import { makeAuthority, noOpenssl } from './certificates.ts';
import { ADMIN, startTlsPostgres } from './tls-postgres.ts';

interface Outcome {
  code: number | null;
  text: string;
}

function run(args: string[], env: Record<string, string>): Promise<Outcome> {
  const main = path.join(ROOT, 'apps/cli/dist/src/main.js');
  const child = spawn(process.execPath, [main, ...args], { env: { PATH: process.env.PATH, ...env } });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data) => {
      text += data;
    });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, text })));
}

t.test('migrate --create-database', { skip: noOpenssl }, async (t) => {
  const authority = makeAuthority();
  const { port, query, log } = await startTlsPostgres(authority);
  const verified = `sslmode=verify-full&sslrootcert=${encodeURIComponent(authority.caFile)}`;
  const admin = {
    ADMIN_DATABASE_URL: `postgres://127.0.0.1:${port}/postgres?${verified}`,
    ADMIN_DATABASE_USER: ADMIN.user,
    ADMIN_DATABASE_PASSWORD: ADMIN.password,
  };
  const addressOf = (role: string, password: string, database: string) =>
    `postgres://${encodeURIComponent(role)}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}?${verified}`;
  const create = (databaseUrl: string, changes = {}) =>
    run(['migrate', '--create-database'], { ...admin, DATABASE_URL: databaseUrl, ...changes });
  const logIn = async (connectionString: string) => {
    const client = new pg.Client({ connectionString });
    await client.connect();
    await client.end();
  };
  const ownerOf = async (database: string) => {
    const [row] = await query<{ owner: string }>(
      `SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = '${database}'`,
    );
    return row?.owner;
  };

  const first = addressOf('tin"type é', 'Pa$$ w/örd:@?#%41"\'\\\u00AD\u1680e\u0301', 'tintype');
  await t.test('makes role and database, and their tables', async (t) => {
    const { code, text } = await create(first);
    t.equal(code, 0, text);
    t.match(text, /^made the role tin"type é\nmade the database tintype\napplied \d{14}_intake$/m);
    t.equal(await ownerOf('tintype'), 'tin"type é');
    const [role] = await query(
      `SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname ~ '^tin'`,
    );
    t.same(role, { rolsuper: false, rolcreatedb: false, rolcreaterole: false });
    await logIn(first);
    const again = await create(first);
    t.equal(again.code, 0, again.text);
    t.equal(again.text, 'set the password of the role tin"type é\nthe database is up to date\n');
  });

  await t.test('sets a changed password anew', async (t) => {
    const changed = addressOf('tin"type é', 'another', 'tintype');
    await t.rejects(logIn(changed), { code: '28P01' });
    t.equal((await run(['migrate'], { DATABASE_URL: changed })).code, 1, 'not without the administrator');
    const { code, text } = await create(changed);
    t.equal(code, 0, text);
    await logIn(changed);
    await t.rejects(logIn(first), { code: '28P01' });
  });

  await t.test('several at once', async (t) => {
    const url = addressOf('together', 'p', 'together');
    const outcomes = await Promise.all([1, 2, 3].map(() => create(url)));
    for (const { code, text } of outcomes) t.equal(code, 0, text);
    const makers = outcomes.filter(({ text }) => text.includes('made the database together'));
    t.equal(makers.length, 1);
    await logIn(url);
  });

  await t.test('a database that was the administrator’s is given away', async (t) => {
    await query('CREATE DATABASE given OWNER admin');
    const { code, text } = await create(addressOf('taker', 'p', 'given'));
    t.equal(code, 0, text);
    t.equal(await ownerOf('given'), 'taker');
  });

  await t.test('the password reaches no log of statements', async (t) => {
    for (const asked of [1, 2])
      t.equal((await create(addressOf('silent', 'hunter2', 'silent'))).code, 0, `${asked}`);
    for (const verb of ['CREATE', 'ALTER']) {
      const told = `${verb} ROLE "silent" LOGIN PASSWORD 'SCRAM-SHA-256$4096:`;
      t.ok(
        log.some((line) => line.includes(told)),
        verb,
      );
    }
    t.notMatch(log.join('\n'), /hunter2/);
  });

  await t.test('what can not be done: 1, and one sentence', async (t) => {
    const url = addressOf('nobody', 'p', 'nowhere');
    const table: [what: string, databaseUrl: string, changes: Record<string, string>, sentence: RegExp][] = [
      ['no address', url, { ADMIN_DATABASE_URL: '' }, /^ADMIN_DATABASE_URL is not set: /],
      ['no user', url, { ADMIN_DATABASE_USER: '' }, /^ADMIN_DATABASE_USER is not set: /],
      ['no password', url, { ADMIN_DATABASE_PASSWORD: '' }, /^ADMIN_DATABASE_PASSWORD is not set: /],
      ['not PostgreSQL', url, { ADMIN_DATABASE_URL: 'mysql://host' }, /^ADMIN_DATABASE_URL must be/],
      [
        'nobody there',
        url,
        { ADMIN_DATABASE_URL: 'postgres://127.0.0.1:1/postgres' },
        /^ADMIN_DATABASE_URL names a server that does not answer/,
      ],
      [
        'a wrong password',
        url,
        { ADMIN_DATABASE_PASSWORD: 'wrong' },
        /^password authentication failed for user "admin"/,
      ],
      ['without TLS', url, { ADMIN_DATABASE_URL: `postgres://127.0.0.1:${port}/postgres` }, /no encryption/],
      [
        'of an unknown authority',
        url,
        { ADMIN_DATABASE_URL: `postgres://127.0.0.1:${port}/postgres?sslmode=verify-full` },
        /self-signed|certificate/,
      ],
      [
        'the administrator himself',
        addressOf(ADMIN.user, 'p', 'nowhere'),
        {},
        /must not be the administrator/,
      ],
      [
        'no user to make',
        `postgres://127.0.0.1:${port}/nowhere`,
        {},
        /must name a user, a password and a database/,
      ],
      [
        'no database to make',
        `postgres://a:b@127.0.0.1:${port}`,
        {},
        /must name a user, a password and a database/,
      ],
      [
        'somebody else’s database',
        addressOf('taker', 'p', 'postgres'),
        {},
        /must be owner of database postgres/,
      ],
      ['a superuser', addressOf('postgres', 'p', 'nowhere'), {}, /permission denied/],
    ];
    const check = async ([what, databaseUrl, changes, sentence]: (typeof table)[number]) => {
      const { code, text } = await create(databaseUrl, changes);
      t.equal(code, 1, what);
      t.match(text, sentence, what);
      t.equal(text.trim().split('\n').length, 1, 'one sentence');
      t.notMatch(text, ADMIN.password);
    };
    await Promise.all(table.map(check));
    t.equal(await ownerOf('nowhere'), undefined);
  });

  t.equal((await run(['migrate', '--colour'], {})).code, 2, 'an option that there is not');
});
