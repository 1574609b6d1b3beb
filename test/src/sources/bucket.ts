// The bucket, past the service: what lies in it, and what somebody else puts there. On S3, or in a folder where there is no S3.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { ServiceUnavailableError, startS3 } from '@tintype/local';

export interface Bucket {
  kind: 'S3' | 'files';
  /** OBJECT_STORE_URL, and what else a process needs. */
  env: Record<string, string>;
  put(key: string, bytes: Uint8Array, type: string): Promise<void>;
  /** @throws Error when it is not there */
  read(key: string): Promise<Buffer>;
  /** All, in order. */
  keys(): Promise<string[]>;
  close(): Promise<void>;
}

const NAME = 'pictures';

/** @throws ServiceUnavailableError where there must be S3 and is none */
export async function openBucket(
  folder: string,
  { isFolder, say }: { isFolder: boolean; say: (text: string) => void },
): Promise<Bucket> {
  if (isFolder) return openFolder(path.join(folder, 'objects'));
  try {
    return await openS3(say);
  } catch (error) {
    if (!(error instanceof ServiceUnavailableError) || process.env.CI === 'true') throw error;
    say(`${error.message}; files in its stead`);
    return openFolder(path.join(folder, 'objects'));
  }
}

async function openS3(say: (text: string) => void): Promise<Bucket> {
  const s3 = await startS3({ progress: say });
  const { region, endpoint, accessKeyId, secretAccessKey } = s3;
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ region, endpoint, forcePathStyle: true, credentials });
  const bucket = `${NAME}-${process.pid}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const query = new URLSearchParams({ region, endpoint, pathStyle: 'true' });
  return {
    kind: 'S3',
    env: {
      OBJECT_STORE_URL: `s3://${bucket}?${query}`,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
    put: async (Key, Body, ContentType) =>
      void (await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType }))),
    read: async (Key) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
    // A thousand at most, which is more than any scenario leaves.
    keys: async () => {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
      return Contents.flatMap(({ Key }) => Key ?? []).sort();
    },
    close: async () => {
      client.destroy();
      await s3.stop();
    },
  };
}

async function openFolder(folder: string): Promise<Bucket> {
  await mkdir(folder, { recursive: true });
  return {
    kind: 'files',
    env: { OBJECT_STORE_URL: pathToFileURL(folder).href },
    put: async (key, bytes) => {
      await mkdir(path.dirname(path.join(folder, key)), { recursive: true });
      await writeFile(path.join(folder, key), bytes);
    },
    read: (key) => readFile(path.join(folder, key)),
    keys: async () => {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile());
      return files
        .map(({ parentPath, name }) =>
          path.relative(folder, path.join(parentPath, name)).replaceAll(path.sep, '/'),
        )
        .sort();
    },
    close: async () => undefined,
  };
}
