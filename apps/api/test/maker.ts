// A worker of derivatives, without its care: claims, renders a little, stores, finishes. It counts what it made.
import { createHash } from 'node:crypto';
import { type CanonicalTransform, derivedKey, openNudgeReceiver } from '@tintype/core';
import type { ClaimedDerivative } from '@tintype/prisma';
import sharp from 'sharp';
import t from 'tap';
import type { TestApi } from './app.ts';

export interface Maker {
  /** What it was asked to make. */
  made: CanonicalTransform[];
  stop(): Promise<void>;
}

/** @param failAs makes nothing, and fails each with this code */
export async function startMaker(api: TestApi, { failAs }: { failAs?: string } = {}): Promise<Maker> {
  const made: CanonicalTransform[] = [];
  const { making } = api.database;
  const receiver = await openNudgeReceiver(api.config.queueUrl, 'make-derivative', {
    concurrency: 4,
    onError: () => undefined,
    handle: async ({ id }) => {
      const claimed = await making.claim(id, { leaseMs: 60_000 });
      if (claimed === undefined) return;
      made.push(claimed.transform);
      if (failAs === undefined) await make(api, claimed);
      else
        await making.fail({
          ...claimed,
          errorCode: failAs,
          errorMessage: 'It failed.',
          counts: true,
          retryAfterMs: null,
        });
    },
  });
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= receiver.close();
    return stopping;
  };
  t.teardown(stop);
  return { made, stop };
}

async function make(api: TestApi, claimed: ClaimedDerivative): Promise<void> {
  const { width, height, format = 'png', accepted } = claimed.transform as CanonicalTransform;
  const source = await api.deps.objects.read(claimed.sourceKey, 50_000_000);
  const asked =
    format === 'auto' ? { avif: 'avif', webp: 'webp', plain: 'png' }[accepted ?? 'plain'] : format;
  const { data, info } = await sharp(source)
    .resize({ ...(width && { width }), ...(height && { height }), fit: 'inside' })
    .toFormat(asked as 'png')
    .toBuffer({ resolveWithObject: true });
  const objectKey = derivedKey(claimed);
  const sha256Hex = createHash('sha256').update(data).digest('hex');
  await api.deps.objects.put(objectKey, [data], { contentType: 'image/png', sha256Hex });
  const size = { width: info.width, height: info.height, bytes: data.byteLength };
  await api.database.making.finish({ ...claimed, ...size, objectKey, sha256Hex, format: String(asked) });
}
