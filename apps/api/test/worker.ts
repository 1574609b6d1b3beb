// Does a worker's writes by hand: the end of a job without looking at its image.
import { type Metadata, SCHEMA_VERSION } from '@tintype/core';
import type { ClaimedJob } from '@tintype/prisma';
import type { TestApi } from './app.ts';

export const METADATA: Metadata = {
  schemaVersion: SCHEMA_VERSION,
  extractorVersion: 'test',
  profile: 'fast',
  extractedAt: '2026-01-01T00:00:00.000Z',
  tools: { test: '1' },
  file: { bytes: 1, format: 'png', mimeType: 'image/png' },
  image: { width: 4, height: 3 },
  encoding: {},
  compression: {},
  color: {},
  icc: null,
  animation: null,
  exif: null,
  has: { exif: false, gps: false, iptc: false, xmp: false, icc: false, thumbnail: false },
  gps: null,
  iptc: null,
  xmp: null,
  provenance: { c2pa: false },
  privacy: { hasGps: false, hasSerialNumbers: false, hasOwner: false, thumbnailLeaks: false },
  hashes: { sha256: '' },
  sections: {
    header: 'ok',
    exif: 'absent',
    gps: 'absent',
    iptc: 'absent',
    xmp: 'absent',
    icc: 'absent',
    pixels: 'skipped',
  },
  warnings: [],
  sources: {},
};

export async function claim(api: TestApi, { id }: { id: string }): Promise<ClaimedJob> {
  const claimed = await api.database.work.claim(id, { worker: 'test', leaseMs: 60_000 });
  if (claimed === undefined) throw new Error(`Job ${id} can not be claimed.`);
  return claimed;
}

export async function finish(api: TestApi, job: { id: string }): Promise<void> {
  const { id, attempt, stored } = await claim(api, job);
  const format = stored?.format ?? 'png';
  await api.database.work.complete({
    ...{ id, attempt, format, fetchMs: 1.5, inspectMs: 2.5, width: 4, height: 3 },
    metadata: METADATA,
    schemaVersion: SCHEMA_VERSION,
    extractorVersion: METADATA.extractorVersion,
    takenAt: null,
    latitude: null,
    longitude: null,
    phash: null,
    dominantColor: null,
    camera: null,
    caption: null,
    keywords: [],
  });
}

export async function fail(api: TestApi, job: { id: string }): Promise<void> {
  const { id, attempt } = await claim(api, job);
  await api.database.work.fail({
    ...{ id, attempt, retryAfterMs: null },
    errorCode: 'IMAGE_UNREADABLE',
    errorMessage: 'Not readable.',
    errorRetryable: false,
    counts: true,
  });
}
