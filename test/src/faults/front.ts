// What stands before the apis: asks each every moment whether it is ready, and sends requests, in turn, to those that are.
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { Door } from './post-image.ts';

export interface Front {
  /** The next api's door: of those that are ready, or of all where none is. */
  next(): Door;
  /** That of one api. */
  door(index: number): Door;
  close(): Promise<void>;
}

const LOOK_EVERY_MS = 200;
const LOOK_TIMEOUT_MS = 4000;

interface Place {
  address: string;
  isReady: boolean;
  agent: Agent;
}

const newAgent = () => new Agent({ connections: 64, keepAliveTimeout: 60_000, connect: { timeout: 3000 } });

export function openFront(addresses: readonly string[], apiKey: string): Front {
  const places: Place[] = addresses.map((address) => ({ address, isReady: true, agent: newAgent() }));
  const doorOf = ({ address, agent }: Place): Door => ({ address, apiKey, dispatcher: agent });
  let turn = 0;
  let closed = false;

  async function look(place: Place): Promise<void> {
    const looker = new Agent({ connections: 1 });
    while (!closed) {
      const isReady = await request(`${place.address}/readyz`, {
        dispatcher: looker,
        signal: AbortSignal.timeout(LOOK_TIMEOUT_MS),
      }).then(
        async ({ statusCode, body }) => {
          await body.dump();
          return statusCode === 200;
        },
        () => false,
      );
      if (place.isReady && !isReady) {
        // Nobody is sent over connections to an api that is going.
        const old = place.agent;
        place.agent = newAgent();
        void old.close().catch(() => undefined);
      }
      place.isReady = isReady;
      await sleep(LOOK_EVERY_MS, undefined, { ref: false });
    }
    await looker.destroy();
  }
  const looking = places.map(look);

  return {
    next: () => {
      const ready = places.filter(({ isReady }) => isReady);
      const open = ready.length > 0 ? ready : places;
      turn += 1;
      return doorOf(open[turn % open.length] as Place);
    },
    door: (index) => doorOf(places[index] as Place),
    close: async () => {
      closed = true;
      await Promise.all(places.map(({ agent }) => agent.destroy()));
      await Promise.all(looking);
    },
  };
}
