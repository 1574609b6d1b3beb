// What libvips reads from a header, by sharp; no pixel is decoded.
import { AppError, type ImageFormat, type MetadataWarning } from '@tintype/core/contract';
import type { Metadata as SharpHeader } from 'sharp';
import { sharp } from './harden.ts';

export type { SharpHeader };

export const SHARP_VERSIONS = { sharp: sharp.versions.sharp ?? '', libvips: sharp.versions.vips ?? '' };

const READABLE: ReadonlySet<ImageFormat> = new Set(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif', 'heic']);

/** HEVC and camera formats may be missing from libvips: their files are images all the same. */
const MAY_BE_UNREADABLE: ReadonlySet<ImageFormat> = new Set(['heic', 'avif', 'tiff']);

export interface HeaderReading {
  /** Undefined for a format that is not decoded here. */
  header: SharpHeader | undefined;
  warnings: MetadataWarning[];
}

/** @throws AppError IMAGE_UNREADABLE */
export async function readHeader(bytes: Buffer, format: ImageFormat): Promise<HeaderReading> {
  if (!READABLE.has(format)) return notDecoded(format);
  try {
    // A header is cheap whatever it claims: the limit on pixels belongs where pixels are decoded.
    return {
      header: await sharp(bytes, { failOn: 'none', limitInputPixels: false }).metadata(),
      warnings: [],
    };
  } catch (cause) {
    if (MAY_BE_UNREADABLE.has(format)) return notDecoded(format);
    throw new AppError('IMAGE_UNREADABLE', { cause });
  }
}

function notDecoded(format: ImageFormat): HeaderReading {
  const message = `This ${format} file is not decoded here; only what its first bytes and its tags say is known.`;
  return { header: undefined, warnings: [{ code: 'NOT_DECODED', message, field: 'image' }] };
}
