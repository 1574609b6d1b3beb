// What the stack of the proof is told: ports and names of its own, images to stand on, and ages short enough to see the sweeps work.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from '@tintype/local';
import type { Engine } from './engine.ts';
import { tagOf } from './stand-ins/tags.ts';

export interface Settings {
  variables: Record<string, string>;
  /** Compose files beside docker-compose.yml. */
  files: string[];
  port: number;
}

const STAND_INS = {
  BUILD_IMAGE: tagOf('node'),
  RUNTIME_IMAGE: tagOf('forky'),
  STORE_IMAGE: tagOf('trixie'),
  POSTGRES_IMAGE: tagOf('postgres'),
  VALKEY_IMAGE: tagOf('valkey'),
  NGINX_IMAGE: tagOf('nginx'),
};

/** Uploads that a killed api left behind are swept after an hour otherwise. */
const OVERRIDE = `services:
  api:
    environment:
      REQUEST_TIMEOUT_MS: 15000
      DIRECT_UPLOAD_SECONDS: 15
  worker:
    environment:
      UPLOAD_ABANDONED_MS: 20000
      SWEEP_EVERY_MS: 1000
      ORPHAN_SWEEP_EVERY_MS: 5000
      ORPHAN_AGE_MS: 30000
`;

export async function prepareSettings(
  { bind }: Pick<Engine, 'bind'>,
  { folder, standIns, version }: { folder: string; standIns: boolean; version: string },
): Promise<Settings> {
  const file = path.join(folder, 'override.yml');
  await writeFile(file, OVERRIDE);
  const [port, storePort] = [await freePort(), await freePort()];
  return {
    port,
    files: [file],
    variables: {
      ...(standIns && STAND_INS),
      HTTP_BIND: bind,
      HTTP_PORT: String(port),
      OBJECT_STORE_PORT: String(storePort),
      // Of its own, or the store refuses to be reached by others.
      OBJECT_STORE_SECRET_KEY: 'key-of-the-proof',
      // Names of images that nobody else's stack uses.
      TINTYPE_IMAGES: 'tintype-proof',
      TINTYPE_VERSION: version,
    },
  };
}
