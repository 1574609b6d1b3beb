// What a picture is before anything is done to it, from its header; and what is no picture that sharp can read.
import { AppError, type ImageFormat } from '@tintype/core/contract';
import { sharp } from '../harden.ts';
import type { SharpHeader } from '../pixels/decode.ts';
import type { StoredHow } from '../pixels/memory.ts';
import { readHeader } from '../read-header.ts';
import { type RenderLimits, refuseSource } from './limits.ts';

/** What is rendered: the loaders that harden.ts leaves open. HEIC is among them for files whose pixels are AV1 after all. */
const RENDERED: ReadonlySet<ImageFormat> = new Set(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif', 'heic']);

export interface Source {
  format: ImageFormat;
  /** Length of the file. */
  bytes: number;
  /** Of one frame as stored; of AVIF and HEIC, as displayed. */
  header: SharpHeader;
  how: StoredHow;
  /** Of one frame as displayed. */
  width: number;
  height: number;
  /** 1 where nothing moves. */
  frames: number;
  /** Milliseconds, of each frame. */
  delays?: number[];
  /** How often an animation plays; 0: for ever. */
  loop?: number;
  /** EXIF, 1 to 8; 1 where the decoder has turned the picture. */
  orientation: number;
}

/** @throws AppError NOT_RENDERABLE, PICTURE_TOO_LARGE, or an Error of libvips, whose text is not for users */
export async function readSource(
  bytes: Uint8Array,
  format: ImageFormat,
  limits: RenderLimits,
): Promise<Source> {
  refuseUnless(RENDERED.has(format));
  const { format: found = format, image, compression, encoding } = readHeader(bytes, format);
  refuseUnless(RENDERED.has(found));
  // Some sizes keep libvips busy while it reads nothing but the header.
  const { storedWidth = 0, storedHeight = 0 } = image;
  refuseSource({ width: storedWidth, height: storedHeight }, 1, limits);
  const header = await sharp(bytes, { failOn: 'none', limitInputPixels: false }).metadata();
  const { depth, orientation = 1, width, height, pages = 1, delay, loop } = header;
  refuseUnless(header.compression !== 'hevc' && (depth === 'uchar' || depth === 'ushort'));
  const isOnSide = orientation >= 5;
  return {
    format: found,
    bytes: bytes.length,
    header,
    how: {
      isLossless: compression.lossless,
      chromaSubsampling: encoding.chromaSubsampling,
      tile: encoding.tiling,
    },
    width: isOnSide ? height : width,
    height: isOnSide ? width : height,
    frames: found === 'gif' || found === 'webp' ? pages : 1,
    ...(delay && { delays: delay }),
    ...(loop !== undefined && { loop }),
    orientation,
  };
}

function refuseUnless(isRenderable: boolean): void {
  if (!isRenderable) throw new AppError('NOT_RENDERABLE');
}

/** In which colours the numbers of its pixels are meant. */
export function isPlainRgb({ header: { space, hasProfile } }: Source): boolean {
  return !hasProfile && (space === 'srgb' || space === 'b-w');
}

/** JPEG and lossy WebP are scaled while they are decoded. */
export function shrinksOnLoad({ format, how }: Source): boolean {
  return format === 'jpeg' || (format === 'webp' && how.isLossless !== true);
}
