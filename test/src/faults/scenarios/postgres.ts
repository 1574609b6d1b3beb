// A PostgreSQL that is away, hangs, or takes no writes. Nothing can be accepted meanwhile: clients are told so, soon.
import { setTimeout as sleep } from 'node:timers/promises';
import { expectRefusedSoon } from '../expectations.ts';
import type { Scenario } from '../scenario.ts';
import { underBacklog } from '../story.ts';
import type { World } from '../world.ts';

const AWAY_MS = 5000;
/** Longer than a client may wait for its answer. */
const SILENT_MS = 7000;

function outage(fault: (world: World) => Promise<void>): Scenario['play'] {
  return async (world) => {
    await underBacklog(world, () => fault(world));
    if (world.system.name === 'tintype') expectRefusedSoon(world);
  };
}

async function setReadOnly({ postgres }: World, value: 'on' | 'off'): Promise<void> {
  await postgres.rows(`ALTER SYSTEM SET default_transaction_read_only = ${value}`);
  await postgres.rows('SELECT pg_reload_conf()');
}

export const POSTGRES_SCENARIOS: Scenario[] = [
  {
    name: 'postgres-kill',
    says: 'PostgreSQL is killed and starts again by its log',
    recovery: 'PostgreSQL back',
    play: outage(async ({ postgres }) => {
      await postgres.end('SIGKILL');
      await sleep(AWAY_MS);
      await postgres.start();
    }),
  },
  {
    name: 'postgres-immediate-stop',
    says: 'PostgreSQL is stopped at once, as by pg_ctl stop -m immediate',
    recovery: 'PostgreSQL back',
    play: outage(async ({ postgres }) => {
      await postgres.end('SIGQUIT');
      await sleep(AWAY_MS);
      await postgres.start();
    }),
  },
  {
    name: 'postgres-cut',
    says: 'the network to PostgreSQL is cut',
    recovery: 'PostgreSQL back',
    play: outage(async ({ postgres }) => {
      postgres.proxy.cut();
      await sleep(AWAY_MS);
      postgres.proxy.pass();
    }),
  },
  {
    name: 'postgres-blackhole',
    says: 'the network to PostgreSQL swallows everything',
    recovery: 'PostgreSQL back',
    play: outage(async ({ postgres }) => {
      postgres.proxy.blackhole();
      await sleep(SILENT_MS);
      postgres.proxy.pass();
    }),
  },
  {
    name: 'postgres-read-only',
    says: 'PostgreSQL takes no writes, as where its disk is full',
    recovery: 'PostgreSQL back',
    play: outage(async (world) => {
      await setReadOnly(world, 'on');
      await sleep(AWAY_MS);
      await setReadOnly(world, 'off');
    }),
  },
];
