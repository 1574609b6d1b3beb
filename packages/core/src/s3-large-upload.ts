// A streamed upload to S3 in parts (multipart upload), one part in memory at a time.
import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
} from '@aws-sdk/client-s3';
import { AppError } from './errors.ts';
import type { S3Location } from './s3-location.ts';
import { expectSuccess, type SendS3Request } from './s3-request.ts';

/** S3's smallest part. */
const PART_BYTES = 5 * 1024 * 1024;

interface Part {
  chunks: Uint8Array[];
  bytes: number;
  sha256Hex: string;
}

/** Cuts a stream into parts of at least {@link PART_BYTES}; the last may be smaller, and an only one empty. */
async function* cut(source: AsyncIterable<Uint8Array>): AsyncGenerator<Part> {
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  let hash = createHash('sha256');
  let isFirst = true;
  for await (const chunk of source) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    hash.update(chunk);
    if (bytes >= PART_BYTES) {
      yield { chunks, bytes, sha256Hex: hash.digest('hex') };
      isFirst = false;
      chunks = [];
      bytes = 0;
      hash = createHash('sha256');
    }
  }
  if (bytes > 0 || isFirst) yield { chunks, bytes, sha256Hex: hash.digest('hex') };
}

/** Stores all of `source`, or nothing: whatever ends it early aborts the upload. */
export async function uploadInParts(
  key: string,
  source: AsyncIterable<Uint8Array>,
  contentType: string,
  { location, send }: { location: S3Location; send: SendS3Request },
): Promise<void> {
  const { client, bucket } = location;
  const target = { Bucket: bucket, Key: location.fullKey(key) };
  const { UploadId } = await unavailable(
    client.send(new CreateMultipartUploadCommand({ ...target, ContentType: contentType })),
  );
  if (UploadId === undefined) throw new AppError('OBJECT_STORE_UNAVAILABLE');
  try {
    const parts: CompletedPart[] = [];
    for await (const part of cut(source)) {
      const PartNumber = parts.length + 1;
      const query = { partNumber: String(PartNumber), uploadId: UploadId };
      const headers = await expectSuccess(await send({ method: 'PUT', key, query, body: part }));
      parts.push({ PartNumber, ETag: String(headers.etag) });
    }
    await unavailable(
      client.send(
        new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts: parts } }),
      ),
    );
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand({ ...target, UploadId })).catch(() => undefined);
    throw error;
  }
}

/** Turns an error of the SDK, whose text holds addresses, into ours. */
export async function unavailable<Result>(call: Promise<Result>): Promise<Result> {
  return call.catch((cause: unknown) => {
    throw new AppError('OBJECT_STORE_UNAVAILABLE', { cause });
  });
}
