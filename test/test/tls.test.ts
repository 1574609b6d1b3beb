// Every connection to PostgreSQL and to Redis with TLS: to who proves his name, and to nobody else.
import { setTimeout as sleep } from 'node:timers/promises';
import { migrateQueue } from '@tintype/core';
import { listenForFinishedJobs, migrate, openDatabase, watchDatabase } from '@tintype/prisma';
import t from 'tap';
import { output } from '../src/service/tintype.ts';
import { makeAuthority, noOpenssl } from './certificates.ts';
import { passNudge } from './pass-nudge.ts';
import { startTlsPostgres, type TlsPostgres } from './tls-postgres.ts';
import { noTlsRedis, startTlsRedis } from './tls-redis.ts';

const USER = 'the user';
const PASSWORD = 'p@ss/w%rd: #?+41';
const credentials = `${encodeURIComponent(USER)}:${encodeURIComponent(PASSWORD)}`;

/** All that the watch tells. */
const AWAY = 'The database is away.';

type Connect = (url: string, server: TlsPostgres) => Promise<void>;

/** Each way in which the service connects to PostgreSQL; rejects where that fails. */
const CONNECTIONS: [what: string, connect: Connect][] = [
  ['migrate', async (url) => void (await migrate(url))],
  ['the pool', askPool],
  ['LISTEN', listen],
  ['the watch', watch],
  ['the tables of the queue', migrateQueue],
  ['the queue', passNudge],
];

async function askPool(url: string): Promise<void> {
  const db = openDatabase({ url, poolSize: 1 });
  await db.ping().finally(() => db.close());
}

async function listen(url: string, { query }: TlsPostgres): Promise<void> {
  let failure: Error | undefined;
  const finished = listenForFinishedJobs(url, (error) => {
    failure ??= error;
  });
  const isThere = async () =>
    (
      await query(
        `SELECT FROM pg_stat_activity WHERE application_name = 'tintype-listen' AND query ~ '^LISTEN'`,
      )
    ).length > 0;
  while (failure === undefined && !(await isThere())) await sleep(20);
  await finished.close();
  if (failure !== undefined) throw failure;
}

async function watch(url: string): Promise<void> {
  const health = watchDatabase(url);
  await health.known;
  const { isUp } = health;
  await health.close();
  if (!isUp) throw new Error(AWAY);
}

t.test('PostgreSQL', { skip: noOpenssl }, async (t) => {
  const authority = makeAuthority();
  const server = await startTlsPostgres(authority);
  await server.query(`CREATE ROLE "${USER}" LOGIN PASSWORD '${PASSWORD}'`);
  await server.query(`CREATE DATABASE tintype OWNER "${USER}"`);
  const addressOf = (host: string, parameters: string) =>
    `postgres://${credentials}@${host}:${server.port}/tintype?${parameters}`;
  const trusting = `sslmode=verify-full&sslrootcert=${authority.caFile}`;
  const refused: [why: string, url: string, message: RegExp][] = [
    ['of an unknown authority', addressOf('127.0.0.1', 'sslmode=verify-full'), /certificate/],
    [
      'of another authority',
      addressOf('127.0.0.1', trusting.replace(authority.caFile, makeAuthority().caFile)),
      /certificate/,
    ],
    ['with another name', addressOf('localhost', trusting), /certificate's altnames/],
    ['without TLS', addressOf('127.0.0.1', ''), /no encryption/],
  ];
  for (const [what, connect] of CONNECTIONS) {
    await t.resolves(connect(addressOf('127.0.0.1', trusting), server), what);
    const refuse = ([why, url, says]: (typeof refused)[number]) =>
      t.rejects(connect(url, server), { message: connect === watch ? AWAY : says }, `${what}, ${why}`);
    await Promise.all(refused.map(refuse));
  }
});

t.test('Redis', { skip: noOpenssl || noTlsRedis }, async (t) => {
  const authority = makeAuthority();
  const port = await startTlsRedis(authority, { user: 'queue-user', password: PASSWORD });
  const pass = (host: string, password: string, caFile: string) => {
    const url = `rediss://queue-user:${encodeURIComponent(password)}@${host}:${port}?prefix=tls`;
    // What a process trusts is settled when it starts.
    return output('test/dist/test/pass-nudge-once.js', [], {
      PATH: process.env.PATH ?? '',
      QUEUE_URL: url,
      NODE_EXTRA_CA_CERTS: caFile,
    });
  };
  await t.resolves(pass('127.0.0.1', PASSWORD, authority.caFile));
  await t.rejects(pass('127.0.0.1', 'wrong', authority.caFile), { message: /WRONGPASS/ });
  await t.rejects(pass('127.0.0.1', PASSWORD, ''), { message: /certificate/ });
  await t.rejects(pass('127.0.0.1', PASSWORD, makeAuthority().caFile), { message: /certificate/ });
  await t.rejects(pass('localhost', PASSWORD, authority.caFile), { message: /altnames/ });
});
