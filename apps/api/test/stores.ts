// Both kinds of object store, empty, for tests of what must be the same with either.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import t from 'tap';

interface Store {
  name: 'files' | 'S3';
  /** Answers its OBJECT_STORE_URL. */
  open: () => Promise<string>;
  /** Why there is none here; false where there is. */
  skip: string | false;
}

export const STORES: Store[] = [
  { name: 'files', open: makeFolder, skip: false },
  { name: 'S3', open: makeBucket, skip: process.env.TEST_NO_S3 ?? false },
];

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tintype-store-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return pathToFileURL(folder).href;
}

/** Goes with the server. */
async function makeBucket(): Promise<string> {
  const { TEST_S3_ENDPOINT: endpoint, TEST_S3_REGION: region = 'us-east-1' } = process.env;
  if (endpoint === undefined) throw new Error('Run tests by "npm test -- apps/api".');
  process.env.AWS_ACCESS_KEY_ID = process.env.TEST_S3_ACCESS_KEY_ID ?? '';
  process.env.AWS_SECRET_ACCESS_KEY = process.env.TEST_S3_SECRET_ACCESS_KEY ?? '';
  const name = `test-${crypto.randomUUID()}`;
  const client = new S3Client({ region, endpoint, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: name }));
  client.destroy();
  return `s3://${name}/store?${new URLSearchParams({ region, endpoint, pathStyle: 'true' })}`;
}
