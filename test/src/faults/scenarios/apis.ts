// Apis that are killed: in the middle of an upload, between COMMIT and answer, again and again, one of two.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';
import { during, goOn, underBacklog, until } from '../story.ts';
import type { World } from '../world.ts';

const UPLOADS = 6;
/** Too large to be stored by one call: it streams into the store while it arrives. */
const LARGE_BYTES = 600_000;

async function count({ postgres }: World, table: 'uploads' | 'jobs'): Promise<number> {
  const [row] = await postgres.rows<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`);
  return row?.n ?? 0;
}

export const API_SCENARIOS: Scenario[] = [
  {
    name: 'api-kill-mid-upload',
    says: 'the api is killed while files are half uploaded',
    notNaive: true,
    play: async (world) => {
      world.load.start({ perSecond: 30 });
      let goOnSending: (nothing?: unknown) => void = () => undefined;
      const pauseAtHalf = new Promise((resolve) => {
        goOnSending = resolve;
      });
      const sending = Array.from({ length: UPLOADS }, (_, number) =>
        world.load.send({
          picture: world.pictures.makeLarge(`${number} ${world.random.uuid()}`, LARGE_BYTES),
          pauseAtHalf,
        }),
      );
      await until(() => world.load.accepted().length >= 40);
      const half = await until(async () => (await count(world, 'uploads')) >= UPLOADS);
      world.precondition(half, `${UPLOADS} files half uploaded`);
      await during(world, async () => world.apis[0]?.kill());
      goOnSending();
      await Promise.all(sending);
      await goOn(world);
    },
  },
  {
    name: 'api-kill-committed',
    says: 'the api is killed after COMMIT, before it heard of it',
    notNaive: true,
    play: (world) =>
      underBacklog(world, async () => {
        world.load.start({ perSecond: 100 });
        // What the api asks reaches PostgreSQL; what PostgreSQL answers does not reach the api.
        world.postgres.proxy.mute();
        const unheard = async () => Math.max(0, (await count(world, 'jobs')) - world.load.accepted().length);
        await until(async () => (await unheard()) > 0, { atMostMs: 1500, everyMs: 10 });
        const jobs = await unheard();
        await world.apis[0]?.kill();
        world.postgres.proxy.pass();
        world.precondition(jobs > 0, `${jobs} jobs committed and not answered`);
        world.load.start({ perSecond: world.pace });
      }),
  },
  {
    name: 'api-kill-twice',
    says: 'the api is killed, and killed again as soon as it answers',
    play: (world) =>
      underBacklog(world, async () => {
        const [api] = world.apis;
        await api?.kill();
        const before = world.load.accepted().length;
        await until(() => world.load.accepted().length > before + 3);
        await api?.kill();
      }),
  },
  {
    name: 'api-kill-one-of-two',
    says: 'one of two apis is killed with requests in its hands',
    apis: 2,
    play: (world) =>
      underBacklog(world, async () => {
        world.load.start({ perSecond: 100 });
        await sleep(300);
        const underWay = world.load.underWay();
        await world.random.pick(world.apis).kill();
        world.precondition(underWay > 0, `${underWay} requests under way`);
        world.load.start({ perSecond: world.pace });
      }),
  },
];
