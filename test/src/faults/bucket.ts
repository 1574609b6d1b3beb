// One scenario's bucket on the run's S3 server, behind a proxy.
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  S3Client,
} from '@aws-sdk/client-s3';
import { type S3Server, startTcpProxy, type TcpProxy } from '@tintype/local';

export interface Bucket {
  proxy: TcpProxy;
  /** OBJECT_STORE_URL, by way of the proxy. */
  url: string;
  env: Record<string, string>;
  /** Every key, as the service names it. */
  keys(): Promise<string[]>;
  close(): Promise<void>;
}

const PREFIX = 'images/';

export async function openBucket(s3: S3Server, name: string): Promise<Bucket> {
  const credentials = { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey };
  const client = new S3Client({
    region: s3.region,
    endpoint: s3.endpoint,
    forcePathStyle: true,
    credentials,
  });
  await client.send(new CreateBucketCommand({ Bucket: name }));
  const proxy = await startTcpProxy({ port: Number(new URL(s3.endpoint).port) });
  const query = new URLSearchParams({
    region: s3.region,
    endpoint: proxy.through(s3.endpoint).replace(/\/$/, ''),
    pathStyle: 'true',
  });

  async function fullKeys(): Promise<string[]> {
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const page: ListObjectsV2CommandOutput = await client.send(
        new ListObjectsV2Command({ Bucket: name, ...(token !== undefined && { ContinuationToken: token }) }),
      );
      keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return keys;
  }

  return {
    proxy,
    url: `s3://${name}/${PREFIX.slice(0, -1)}?${query}`,
    env: {
      AWS_ACCESS_KEY_ID: s3.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
    keys: async () => (await fullKeys()).map((key) => key.slice(PREFIX.length)),
    close: async () => {
      await proxy.close();
      // The server keeps all objects in memory: later scenarios need the room.
      const waiting = await fullKeys();
      const removeNext = async (): Promise<void> => {
        for (let Key = waiting.pop(); Key !== undefined; Key = waiting.pop())
          await client.send(new DeleteObjectCommand({ Bucket: name, Key }));
      };
      await Promise.all(Array.from({ length: 8 }, removeNext));
      client.destroy();
    },
  };
}
