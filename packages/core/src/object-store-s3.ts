// The object store on S3 and on what speaks its protocol: the production default.
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  HeadBucketCommand,
  ListMultipartUploadsCommand,
} from '@aws-sdk/client-s3';
import { AppError } from './errors.ts';
import type { ByteRange, ObjectStore } from './object-store.ts';
import { unavailable, uploadInParts } from './s3-large-upload.ts';
import { listObjects } from './s3-list.ts';
import { locateS3 } from './s3-location.ts';
import { presignPut } from './s3-presign.ts';
import { type Answer, createS3Sender, expectSuccess, refusal } from './s3-request.ts';
import { createSlots } from './slots.ts';

const PING_TIMEOUT_MS = 3000;
/** The store is silent while it copies. */
const COPY_TIMEOUT_MS = 30_000;

const MAX_KEY_BYTES = 1024;

const RANGE_NOT_SATISFIABLE = 416;

/** Opens `s3://bucket/prefix?…`. Credentials come from the SDK's default chain: environment, profile, task role. */
export function openS3Store(url: string): ObjectStore {
  const location = locateS3(url);
  const { client, publicClient, bucket } = location;
  const sender = createS3Sender(location);
  const largeUploads = createSlots(location.largeUploads);

  /** S3 refuses to look for what it could not store. */
  const isTooLong = (key: string) => Buffer.byteLength(location.fullKey(key)) > MAX_KEY_BYTES;

  async function get(key: string, range?: ByteRange): Promise<Answer | undefined> {
    if (isTooLong(key)) return undefined;
    const headers = range === undefined ? {} : { range: `bytes=${range.first}-${range.last}` };
    const answer = await sender.send({ method: 'GET', key, headers });
    if (answer.statusCode === 404) return undefinedIfNoSuchKey(answer);
    const isEmpty = answer.statusCode === RANGE_NOT_SATISFIABLE && range?.first === 0;
    if (answer.statusCode >= 300 && !isEmpty) await expectSuccess(answer);
    return answer;
  }

  async function ping(): Promise<void> {
    const abortSignal = AbortSignal.timeout(PING_TIMEOUT_MS);
    await unavailable(client.send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal }));
  }

  return {
    put: async (key, chunks, { contentType, sha256Hex }) => {
      const bytes = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
      const headers = { 'content-type': contentType };
      await expectSuccess(
        await sender.send({ method: 'PUT', key, headers, body: { chunks, bytes, sha256Hex } }),
      );
    },

    putStream: (key, source, { contentType }) =>
      largeUploads.run(() => uploadInParts(key, source, contentType, { location, send: sender.send })),

    open: async (key, range) => {
      const answer = await get(key, range);
      if (answer === undefined) return undefined;
      const total =
        String(answer.headers['content-range'] ?? '').split('/')[1] ?? answer.headers['content-length'];
      return { body: answer.body, totalBytes: Number(total) };
    },

    read: async (key, bytes) => {
      const answer = await get(key, { first: 0, last: Math.max(bytes, 1) - 1 });
      if (answer === undefined) return undefined;
      const body = Buffer.from(await unavailable(answer.body.arrayBuffer()));
      // No range lies inside an empty object: S3 refuses it and means "nothing".
      return answer.statusCode === RANGE_NOT_SATISFIABLE ? Buffer.alloc(0) : body.subarray(0, bytes);
    },

    head: async (key) => {
      if (isTooLong(key)) return undefined;
      const answer = await sender.send({ method: 'HEAD', key });
      // This answer has no body that would tell which of the two is missing.
      if (answer.statusCode === 404) return void (await ping());
      const headers = await expectSuccess(answer);
      return {
        bytes: Number(headers['content-length']),
        version: String(headers.etag).replaceAll('"', ''),
        contentType: String(headers['content-type']),
      };
    },

    copy: async (from, to) => {
      const headers = { 'x-amz-copy-source': location.copySource(from) };
      const answer = await sender.send({ method: 'PUT', key: to, headers, answerTimeoutMs: COPY_TIMEOUT_MS });
      if (answer.statusCode === 404) return (await undefinedIfNoSuchKey(answer)) !== undefined;
      const text = await unavailable(answer.body.text());
      // S3 may begin its answer before it knows how the copying ends.
      if (answer.statusCode >= 300 || text.includes('<Error>')) throw refusal(answer, text);
      return true;
    },

    presignPut: (key, about) => presignPut(key, about, location),

    remove: async (key) => {
      const target = { Bucket: bucket, Key: location.fullKey(key) };
      await unavailable(client.send(new DeleteObjectCommand(target)));
      // Parts of an upload that never ended are no object, and cost as much.
      const { Uploads = [] } = await unavailable(
        client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: target.Key })),
      );
      for (const { Key, UploadId } of Uploads) {
        if (Key === target.Key)
          await unavailable(client.send(new AbortMultipartUploadCommand({ ...target, UploadId })));
      }
    },

    list: () => listObjects(location),

    ping,

    close: async () => {
      client.destroy();
      publicClient.destroy();
      await sender.close().catch((cause: unknown) => {
        throw new AppError('OBJECT_STORE_UNAVAILABLE', { cause });
      });
    },
  };
}

/** A missing bucket is a wrong setting, not a missing object: jobs must wait for it, not end. */
async function undefinedIfNoSuchKey(answer: Answer): Promise<undefined> {
  const text = await answer.body.text();
  if (text.includes('NoSuchBucket')) throw refusal(answer, text);
  return undefined;
}
