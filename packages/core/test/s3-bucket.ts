// A bucket of its own for one test file on the S3 server of the test run, emptied and removed at the end.
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import t from 'tap';

export interface Bucket {
  endpoint: string;
  /** The address of a store in this bucket, by way of another endpoint if need be. */
  url: (endpoint?: string) => string;
  keys: () => Promise<string[]>;
  unfinishedUploads: () => Promise<number>;
}

/** Why there is no S3 here; false where there is. */
export const noS3 = process.env.TEST_NO_S3 ?? false;

const { TEST_S3_ENDPOINT, TEST_S3_ACCESS_KEY_ID, TEST_S3_SECRET_ACCESS_KEY, TEST_S3_REGION } = process.env;

/** Gives this process the server's credentials, where the SDK looks for them. */
export function useCredentials(secretAccessKey = TEST_S3_SECRET_ACCESS_KEY): void {
  process.env.AWS_ACCESS_KEY_ID = TEST_S3_ACCESS_KEY_ID ?? '';
  process.env.AWS_SECRET_ACCESS_KEY = secretAccessKey ?? '';
}

export async function makeBucket(): Promise<Bucket> {
  if (TEST_S3_ENDPOINT === undefined) throw new Error('Run tests by "npm test -- packages/core".');
  useCredentials();
  const name = `test-${crypto.randomUUID()}`;
  const region = TEST_S3_REGION ?? 'us-east-1';
  const client = new S3Client({ region, endpoint: TEST_S3_ENDPOINT, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: name }));

  async function keys(): Promise<string[]> {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: name }));
    return Contents.flatMap(({ Key }) => Key ?? []);
  }

  t.teardown(async () => {
    for (const Key of await keys()) await client.send(new DeleteObjectCommand({ Bucket: name, Key }));
    await client.send(new DeleteBucketCommand({ Bucket: name }));
    client.destroy();
  });
  return {
    endpoint: TEST_S3_ENDPOINT,
    url: (endpoint = TEST_S3_ENDPOINT) => {
      const query = new URLSearchParams({ region, endpoint, pathStyle: 'true' });
      return `s3://${name}/some/prefix?${query}`;
    },
    keys,
    unfinishedUploads: async () =>
      (await client.send(new ListMultipartUploadsCommand({ Bucket: name }))).Uploads?.length ?? 0,
  };
}
