// A worker's surroundings for one test file: a database of its own, objects in a temporary folder, a queue kept apart.
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createLogger, migrateQueue, originalKey } from '@tintype/core';
import { createDatabase, dropDatabase } from '@tintype/local';
import { newId } from '@tintype/prisma';
import sharp from 'sharp';
import t from 'tap';
import { readConfig, type WorkerConfig } from '../src/config.ts';
import { type Deps, openDeps } from '../src/deps.ts';

export interface Surroundings {
  config: WorkerConfig;
  deps: Deps;
  databaseUrl: string;
  tenantId: string;
  /** Does what the door does: object, image, job. Answers the job's id. */
  accept(
    file: Buffer,
    about?: { format?: string; store?: boolean; options?: object; webhookUrl?: string; tenantId?: string },
  ): Promise<string>;
  /** The same for an image that is still to be fetched. */
  acceptUrl(sourceUrl: string): Promise<string>;
  /** Keys of all objects that are stored. */
  objectKeys(): Promise<string[]>;
}

/** What a request says besides the image. */
const ASKED = {
  title: null,
  tags: [],
  requestId: 'request-1',
  webhookUrl: null,
  path: null,
  isPublic: false,
  traceparent: null,
  idempotency: null,
};

export type QueueKind = 'redis' | 'postgres';

export const QUEUE_KINDS: { kind: QueueKind; skip: string | false }[] = [
  { kind: 'postgres', skip: false },
  { kind: 'redis', skip: process.env.TEST_NO_REDIS ?? false },
];

export async function createSurroundings(
  env: NodeJS.ProcessEnv = {},
  queue: QueueKind = 'postgres',
): Promise<Surroundings> {
  const { TEST_POSTGRES_URL: server, TEST_POSTGRES_TEMPLATE: template, REDIS_URL: redis } = process.env;
  if (server === undefined || template === undefined)
    throw new Error('Run tests by "npm test -- apps/worker".');
  const name = `test_${crypto.randomUUID().replaceAll('-', '')}`;
  const databaseUrl = await createDatabase(server, name, { template });
  const folder = await mkdtemp(path.join(tmpdir(), 'tintype-objects-'));
  const queueUrl = queue === 'redis' ? `${redis}?prefix=${name}` : databaseUrl;
  await migrateQueue(queueUrl);
  const config = readConfig({
    DATABASE_URL: databaseUrl,
    QUEUE_URL: queueUrl,
    OBJECT_STORE_URL: pathToFileURL(folder).href,
    DATABASE_POOL_SIZE: '4',
    DECODERS: '2',
    RETRY_DELAY_MS: '10',
    RECONCILE_EVERY_MS: '100',
    RECONCILE_QUIET_MS: '500',
    ...env,
  });
  const deps = await openDeps(config, {
    log: createLogger({ name: 'worker', level: 'silent' }),
    onBroken: () => t.fail('decoders do not start'),
  });
  t.teardown(async () => {
    await deps.close();
    await dropDatabase(databaseUrl);
    await rm(folder, { recursive: true, force: true });
  });
  const tenantId = newId();

  return {
    config,
    deps,
    databaseUrl,
    tenantId,
    accept: async (file, { format = 'jpeg', store = true, options = {}, ...asked } = {}) => {
      const owner = asked.tenantId ?? tenantId;
      const imageId = newId();
      const id = newId();
      const objectKey = originalKey(owner, imageId);
      const sha256Hex = 'ab'.repeat(32);
      await deps.db.uploads.begin({ id: imageId, tenantId: owner, objectKey });
      if (store) await deps.objects.put(objectKey, [file], { contentType: 'image/jpeg', sha256Hex });
      const about = {
        fileName: 'a.jpg',
        declaredMimeType: null,
        options,
        contentDigestHex: null,
        ...ASKED,
        webhookUrl: asked.webhookUrl ?? null,
      };
      await deps.db.uploads.accept({
        imageId,
        jobId: id,
        tenantId: owner,
        bytes: file.length,
        sha256Hex,
        format,
        ...about,
      });
      return id;
    },
    acceptUrl: async (sourceUrl) => {
      const imageId = newId();
      const jobId = newId();
      const objectKey = originalKey(tenantId, imageId);
      const image = { imageId, jobId, tenantId, objectKey, sourceUrl, options: {}, ...ASKED };
      await deps.db.uploads.acceptUrl(image);
      return jobId;
    },
    objectKeys: async () => {
      const found = await readdir(folder, { recursive: true, withFileTypes: true });
      return found
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
    },
  };
}

/** For jobs that ask for no derivatives. */
export const makeOne = async () => undefined;

export function makeJpeg(width = 64, height = 48): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: '#a35' } })
    .jpeg()
    .toBuffer();
}

/** Looks again until `look` answers something; fails the test after `timeoutMs`. */
export async function eventually<Result>(
  look: () => Promise<Result | undefined | false>,
  timeoutMs = 30_000,
): Promise<Result> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`Nothing came of it in ${timeoutMs} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
