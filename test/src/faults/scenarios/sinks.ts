// Receivers of webhooks that fail in every way: each must have heard of everything once it is well again.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.ts';
import { underBacklog } from '../story.ts';
import type { World } from '../world.ts';

const FAILS_MS = 4000;

function failing(fail: (world: World) => void): Scenario['play'] {
  return async (world) => {
    await underBacklog(world, async () => {
      fail(world);
      await sleep(FAILS_MS);
      world.sink.mode('ok');
      world.sink.proxy.pass();
    });
  };
}

/** With as many requests that came to it and failed. */
function failingInside(mode: 'error' | 'hang' | 'lost'): Scenario['play'] {
  const play = failing(({ sink }) => sink.mode(mode));
  return async (world) => {
    await play(world);
    world.precondition(world.sink.failed() >= 5, `${world.sink.failed()} calls failed`);
  };
}

export const SINK_SCENARIOS: Scenario[] = [
  { name: 'sink-error', says: 'the receiver answers 500', notNaive: true, play: failingInside('error') },
  {
    name: 'sink-hang',
    says: 'the receiver takes calls and never answers',
    notNaive: true,
    play: failingInside('hang'),
  },
  {
    name: 'sink-down',
    says: 'the receiver is away',
    notNaive: true,
    play: failing(({ sink }) => sink.proxy.cut()),
  },
  {
    name: 'sink-answer-lost',
    says: 'the receiver takes the event, and its answer is lost',
    notNaive: true,
    play: async (world) => {
      await failingInside('lost')(world);
      const again = world.sink.received().filter(({ times }) => times > 1).length;
      world.precondition(again > 0, `${again} events came again, under the same webhook-id`);
    },
  },
];
