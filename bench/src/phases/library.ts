// The library alone: how long each kind of page takes over many images, by the product's own calls, and what PostgreSQL did for it.
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate, openDatabase } from '@tintype/prisma';
import pg from 'pg';
import type { Bench } from '../figures.ts';
import { fillLibrary, LIBRARY_TENANT } from '../library/fill.ts';
import { type Kind, kindsOf } from '../library/kinds.ts';
import { rollDice } from '../library/make-images.ts';
import { compactPlan, EXPLAIN_SETTINGS, keepPlans, type Plan, scanned } from '../library/plans.ts';
import { progress } from '../progress.ts';
import { startServers } from '../servers.ts';
import { percentile } from '../statistics.ts';

export interface KindReport {
  readonly name: string;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** One line for each statement. */
  readonly plans: readonly string[];
  /** Tables that were read from one end to the other, and indexes of which all that the tenant has was taken. */
  readonly scanned: readonly string[];
}

/** A prepared statement may get another plan after five times. */
const WARM_UP = 6;
const SAMPLED = 500;
const LOG_PATIENCE_MS = 10_000;

export async function measureLibrary({ workspace, sizes }: Bench): Promise<KindReport[]> {
  const log = keepPlans();
  const servers = await startServers(workspace, { redis: false, log: log.hear });
  try {
    await migrate(servers.databaseUrl);
    progress('library: filling');
    await fillLibrary(servers.databaseUrl, { images: sizes.libraryImages, others: sizes.libraryOthers });
    const ids = await sampleIds(servers.databaseUrl);
    progress('library: asking');
    const times = await askAll(servers.databaseUrl, ids, sizes.libraryAsks);
    progress('library: plans');
    const plans = await explainAll(servers.databaseUrl, ids, log.plans);
    return times.map(({ name, timesMs }) => ({
      name,
      p50Ms: percentile(timesMs, 0.5),
      p95Ms: percentile(timesMs, 0.95),
      plans:
        plans
          .get(name)
          ?.map(compactPlan)
          .filter((plan) => plan !== '') ?? [],
      scanned: plans.get(name)?.flatMap((plan) => scanned(plan, sizes.libraryImages)) ?? [],
    }));
  } finally {
    await servers.stop();
  }
}

async function sampleIds(databaseUrl: string): Promise<string[]> {
  return withClient(databaseUrl, async (database) => {
    const { rows } = await database.query<{ id: string }>(
      'SELECT id FROM images WHERE tenant_id = $1 ORDER BY md5(id::text) LIMIT $2',
      [LIBRARY_TENANT, SAMPLED],
    );
    return rows.map(({ id }) => id);
  });
}

async function askAll(
  databaseUrl: string,
  ids: string[],
  asks: number,
): Promise<{ name: string; timesMs: number[] }[]> {
  const db = openDatabase({ url: databaseUrl, poolSize: 4 });
  const found = [];
  for (const kind of kindsOf(db, { ids }))
    found.push({ name: kind.name, timesMs: await timesOf(kind, asks) });
  await db.close();
  return found;
}

async function timesOf({ ask }: Kind, asks: number): Promise<number[]> {
  const dice = rollDice(asks);
  const timesMs: number[] = [];
  for (let nth = -WARM_UP; nth < asks; nth += 1) {
    const startedAt = performance.now();
    await ask(dice);
    if (nth >= 0) timesMs.push(performance.now() - startedAt);
  }
  return timesMs;
}

/** The plans of the last time that each kind is asked for, by its name. Whoever connects from now on is explained. */
async function explainAll(databaseUrl: string, ids: string[], plans: Plan[]): Promise<Map<string, Plan[]>> {
  await withClient(databaseUrl, async (database) => {
    for (const setting of EXPLAIN_SETTINGS) await database.query(`ALTER DATABASE bench SET ${setting}`);
  });
  return withClient(databaseUrl, async (marker) => {
    const mark = async (text: string) => {
      await marker.query(`SELECT '${text}' AS mark`);
      await heard(plans, text);
    };
    const db = openDatabase({ url: databaseUrl, poolSize: 1 });
    const byName = new Map<string, Plan[]>();
    for (const [nth, { name, ask }] of kindsOf(db, { ids }).entries()) {
      const dice = rollDice(1);
      for (let time = 0; time < WARM_UP; time += 1) await ask(dice);
      await mark(`bench begins ${nth}.`);
      const before = plans.length;
      await ask(dice);
      await mark(`bench ends ${nth}.`);
      byName.set(name, plans.slice(before, -1));
    }
    await db.close();
    return byName;
  });
}

/** The log comes by a pipe, a little later than the answer. */
async function heard(plans: Plan[], text: string): Promise<void> {
  const deadline = Date.now() + LOG_PATIENCE_MS;
  while (plans.at(-1)?.['Query Text'].includes(text) !== true) {
    if (Date.now() > deadline) throw new Error('PostgreSQL did not log its plans');
    await sleep(5);
  }
}

async function withClient<Result>(
  databaseUrl: string,
  work: (database: pg.Client) => Promise<Result>,
): Promise<Result> {
  const database = new pg.Client(databaseUrl);
  await database.connect();
  try {
    return await work(database);
  } finally {
    await database.end();
  }
}
