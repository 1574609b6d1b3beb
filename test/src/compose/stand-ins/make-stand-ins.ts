// Makes all base images that the stack's images stand on, where they can't be pulled.
import { makeBaseSystem } from './base-system.ts';
import { makeNodeImage } from './node-image.ts';
import { makeNginxImage, makePostgresImage, makeValkeyImage } from './service-images.ts';
import { tagOf } from './tags.ts';
import type { Workshop } from './workshop.ts';

export async function makeStandIns(workshop: Workshop): Promise<void> {
  for (const suite of ['bookworm', 'trixie', 'forky'] as const)
    await makeBaseSystem(suite, tagOf(suite), workshop);
  await makeNodeImage(workshop);
  await makePostgresImage(workshop);
  await makeValkeyImage(workshop);
  await makeNginxImage(workshop);
}
