// An address at which somebody without credentials may store one object in S3: of one size and type, for a while.
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { PresignedPut } from './object-store.ts';
import { unavailable } from './s3-large-upload.ts';
import type { S3Location } from './s3-location.ts';

/**
 * Size and type are among the signed headers: the store refuses another one by the signature alone.
 * @throws AppError OBJECT_STORE_UNAVAILABLE where there are no credentials to sign with
 */
export async function presignPut(
  key: string,
  { bytes, contentType, expiresInSeconds }: { bytes: number; contentType: string; expiresInSeconds: number },
  { publicClient, bucket, fullKey }: S3Location,
): Promise<PresignedPut> {
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: fullKey(key),
    ContentLength: bytes,
    ContentType: contentType,
  });
  const url = await unavailable(
    getSignedUrl(publicClient, command, {
      expiresIn: expiresInSeconds,
      // By default the type is left out, for proxies that change it.
      signableHeaders: new Set(['host', 'content-length', 'content-type']),
    }),
  );
  return { url, headers: { 'content-type': contentType, 'content-length': String(bytes) } };
}
