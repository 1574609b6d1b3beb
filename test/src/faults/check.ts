// The checker's five zeros, seen from outside where that can be: the API's answers, the sink's memory, the store's keys.
import { request } from 'undici';
import type { Accepted } from './load.ts';
import type { Zeros } from './scenario.ts';
import { sweep } from './sweep.ts';
import type { Outcome } from './system.ts';
import type { World } from './world.ts';

const ENDED = new Set(['completed', 'failed', 'canceled']);
const ASK_AT_ONCE = 8;
const EXAMPLES = 3;

/** Names some of many. */
function named(ids: readonly string[]): string {
  return ids.length <= EXAMPLES ? ids.join(', ') : `${ids.slice(0, EXAMPLES).join(', ')}, …`;
}

export async function check(world: World): Promise<Zeros> {
  const accepted = world.load.accepted();
  const outcomes = await world.outcomes();
  const lost = await lostJobs(world, accepted, outcomes);
  if (lost.length > 0) world.notes.push(`lost: ${named(lost)}`);
  const zeros = {
    lostJobs: lost.length,
    lostWebhooks: lostWebhooks(world, accepted, new Set(lost)),
    duplicateResults: await duplicateResults(world, outcomes),
    severalIds: severalIds(world, accepted, outcomes),
    orphans: 0,
  };
  if (world.system.name === 'naive') return zeros;
  expectGoodEnds(world, outcomes);
  const gaveUp = world.load.givenUp();
  world.expect(gaveUp === 0, `${gaveUp} images were never accepted`);
  world.expect(world.sink.forged() === 0, `${world.sink.forged()} webhooks had a wrong signature`);
  return { ...zeros, orphans: await sweep(world) };
}

/** Every id that a client was told must have ended; the API is asked, as clients ask. */
async function lostJobs(world: World, accepted: Accepted[], outcomes: Outcome[]): Promise<string[]> {
  const states = new Map(outcomes.map(({ id, status }) => [id, status]));
  if (world.system.name === 'tintype') {
    states.clear();
    const waiting = accepted.map(({ id }) => id);
    const askNext = async (): Promise<void> => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop())
        states.set(id, await statusOf(world, id));
    };
    await Promise.all(Array.from({ length: ASK_AT_ONCE }, askNext));
  }
  return accepted.flatMap(({ id }) => (ENDED.has(states.get(id) ?? '') ? [] : [id]));
}

async function statusOf(world: World, id: string): Promise<string> {
  const { address, apiKey, dispatcher } = world.front.next();
  const answer = await request(`${address}/v1/jobs/${id}`, { dispatcher, headers: { 'x-api-key': apiKey } });
  const { status = answer.statusCode } = (await answer.body.json()) as { status?: string | number };
  return String(status);
}

/** Of every job that ended the tenant's endpoint must have heard, and the job's own address, if it has one. */
function lostWebhooks({ sink, notes }: World, accepted: Accepted[], lost: ReadonlySet<string>): number {
  const heard = new Set(
    sink
      .received()
      .filter(({ taken }) => taken > 0)
      .map(({ path, jobId }) => `${path} ${jobId}`),
  );
  const wanted = accepted
    .filter(({ id }) => !lost.has(id))
    .flatMap(({ id, callback }) => [
      `endpoint ${id}`,
      ...(callback === undefined ? [] : [`${callback} ${id}`]),
    ]);
  const missing = wanted.filter((one) => !heard.has(one));
  if (missing.length > 0) notes.push(`webhooks not heard: ${named(missing)}`);
  return missing.length;
}

/** One end a job: one event in the database, and one name for it at the sink, however often it was told. */
async function duplicateResults(world: World, outcomes: Outcome[]): Promise<number> {
  if (world.system.name === 'naive') return outcomes.filter(({ attempt }) => attempt > 1).length;
  const twice = await world.postgres.rows<{ id: string }>(
    `SELECT job_id::text AS id FROM events WHERE type IN ('job.completed', 'job.failed', 'job.canceled')
     GROUP BY job_id HAVING count(*) > 1`,
  );
  const names = new Map<string, Set<string>>();
  for (const { path, jobId, eventId } of world.sink.received()) {
    const place = `${path} ${jobId}`;
    names.set(place, (names.get(place) ?? new Set()).add(eventId));
  }
  const severalNames = [...names].flatMap(([place, ids]) => (ids.size > 1 ? [place] : []));
  const all = [...twice.map(({ id }) => id), ...severalNames];
  if (all.length > 0) world.notes.push(`more than one result: ${named(all)}`);
  return all.length;
}

/** One id a key, and no job that nobody was told of: that would be a second one. */
function severalIds({ load, notes, system }: World, accepted: Accepted[], outcomes: Outcome[]): number {
  const keys = load.keysWithSeveralIds();
  if (keys.length > 0) notes.push(`several ids: ${named(keys)}`);
  if (system.name === 'naive') return keys.length;
  const known = new Set(accepted.map(({ id }) => id));
  const untold = outcomes.flatMap(({ id }) => (known.has(id) ? [] : [id]));
  if (untold.length > 0) notes.push(`jobs nobody was told of: ${named(untold)}`);
  return keys.length + untold.length;
}

/** A good image's job must not only end: it must end well. */
function expectGoodEnds(world: World, outcomes: Outcome[]): void {
  const bad = outcomes.filter(({ id, status }) => status !== 'completed' && !world.expectedToFail.has(id));
  world.expect(
    bad.length === 0,
    `${bad.length} jobs of good images did not complete: ${named(bad.map(({ id, status }) => `${id} ${status}`))}`,
  );
}
