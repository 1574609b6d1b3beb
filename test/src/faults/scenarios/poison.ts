// An image that ends every process that decodes it.
import type { Scenario } from '../scenario.ts';
import { during, fillBacklog, goOn, until } from '../story.ts';

/** More than a decoder with this much address space can hold, and no more than the door lets in. */
const POISON_BYTES = 120_000_000;
const DECODER_MEMORY_BYTES = String(1024 ** 3);

export const POISON_SCENARIOS: Scenario[] = [
  {
    name: 'poison',
    says: 'images that end the process that reads them, among others',
    env: { MAX_UPLOAD_BYTES: '200000000', DECODER_MEMORY_BYTES, DECODERS: '2' },
    notNaive: true,
    play: async (world) => {
      await fillBacklog(world);
      let id: string | undefined;
      await during(world, async () => {
        const picture = world.pictures.makeLarge(world.random.uuid(), POISON_BYTES);
        id = (await world.load.send({ picture }))?.id;
        if (id !== undefined) world.expectedToFail.add(id);
        await until(async () =>
          (await world.outcomes()).some((one) => one.id === id && one.finishedAt !== null),
        );
      });
      await goOn(world);
      await until(async () => (await world.waiting()) === 0);
      const outcomes = await world.outcomes();
      const poison = outcomes.find((one) => one.id === id);
      world.precondition((poison?.attempt ?? 0) > 1, `the poison was tried ${poison?.attempt} times`);
      world.expect(poison?.status === 'failed', `the poison ${poison?.status}`);
      const again = outcomes.filter((one) => one.id !== id && one.attempt > 1).length;
      world.measures.poisonOthersRunTwice = again;
      world.expect(again === 0, `${again} other jobs were begun again`);
    },
  },
];
