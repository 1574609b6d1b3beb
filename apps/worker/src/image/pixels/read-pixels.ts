// What the pixels themselves tell: hashes, placeholders, colours, opacity, statistics. One small decode serves them all, and nothing
// that a picture does here fails its job: the state says how far it came, a warning why no further.
import type { ImageFormat, Metadata, MetadataWarning } from '@tintype/core/contract';
import { OUT_OF_MEMORY, UNSUPPORTED } from '../libvips-errors.ts';
import { type Decoded, decode, readSharpHeader, type SharpHeader } from './decode.ts';
import { describePixels, type PixelFacts } from './describe-pixels.ts';
import { isHeif, overLimit, overMemory, type PixelLimits, pixelLimit, skipped } from './limits.ts';
import { decodingMemory, type StoredHow } from './memory.ts';
import { isOpaque } from './opaque.ts';
import { orient, type Raster } from './raster.ts';

export type { PixelFacts } from './describe-pixels.ts';
export { DEFAULT_PIXEL_LIMITS, type PixelLimits } from './limits.ts';

/** What is already known about the picture, from its header by our own reader. */
export interface AboutPixels extends StoredHow {
  format: ImageFormat;
  /** As stored, as is height. */
  width?: number | undefined;
  height?: number | undefined;
  /** EXIF orientation; without it, the one that sharp finds. AVIF and HEIC have been turned by their decoder. */
  orientation?: number | undefined;
}

export interface PixelReading {
  /** absent: a kind of picture that is not decoded here. skipped: over a limit. */
  state: Metadata['sections']['pixels'];
  facts: PixelFacts;
  header?: SharpHeader;
  warnings: MetadataWarning[];
}

export interface PixelOptions {
  limits: PixelLimits;
  /** Whether statistics are asked for. */
  stats: boolean;
}

/** What is decoded: the loaders that harden.ts leaves open. HEIC is among them for files whose pixels are AV1 after all. */
const DECODED: ReadonlySet<ImageFormat> = new Set(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif', 'heic']);

/** Never rejects for what a picture is like. */
export async function readPixels(
  bytes: Uint8Array,
  about: AboutPixels,
  options: PixelOptions,
): Promise<PixelReading> {
  const { format } = about;
  if (!DECODED.has(format))
    return refusal('absent', notDecoded(`Pixels of ${format} files are not decoded here.`));
  const promised = overLimit(format, about, options.limits);
  if (promised !== undefined) return refusal('skipped', promised);
  let header: SharpHeader | undefined;
  try {
    header = await readSharpHeader(bytes);
    const memory = bytes.length + decodingMemory(format, header, about);
    const refused = refuse(format, header, memory, options.limits);
    if (refused !== undefined) return { ...refused, header };
    makeRoom(memory);
    const reading = await decodeAndDescribe(bytes, about, header, options);
    return { ...reading, header };
  } catch (error) {
    return { ...explain(error, format), ...(header && { header }) };
  }
}

/** The size that sharp sees may be another than the one our reader saw: it is the one that gets decoded. */
function refuse(
  format: ImageFormat,
  header: SharpHeader,
  memory: number,
  limits: PixelLimits,
): PixelReading | undefined {
  const { depth, compression } = header;
  const over = overLimit(format, header, limits) ?? overMemory(memory, limits);
  if (over !== undefined) return refusal('skipped', over);
  if (compression === 'hevc') return refusal('absent', notDecoded('HEVC pixels are not decoded here.'));
  if (depth !== 'uchar' && depth !== 'ushort')
    return refusal('absent', notDecoded(`Which ${depth} samples are black and which white is not known.`));
  return;
}

const MUCH_MEMORY_BYTES = 32 * 1024 * 1024;

/** libvips can't ask Node.js for what earlier files left behind. */
function makeRoom(memory: number): void {
  if (memory > MUCH_MEMORY_BYTES) globalThis.gc?.();
}

async function decodeAndDescribe(
  bytes: Uint8Array,
  about: AboutPixels,
  header: SharpHeader,
  { limits, stats }: PixelOptions,
): Promise<PixelReading> {
  const { decoded, isWhole } = await decodeWhatThereIs(bytes, header, pixelLimit(about.format, limits));
  const orientation = isHeif(about.format) ? 1 : (about.orientation ?? header.orientation ?? 1);
  const raster = orient(decoded.raster, orientation);
  const facts = describePixels(raster, { stats, isGray: isGray(header), hasAlpha: decoded.hasAlpha });
  if (!isWhole)
    return {
      state: 'ok',
      facts: withoutHashes(facts),
      warnings: [unreadable('The picture is damaged or ends early: what can be decoded is described.')],
    };
  const opaque = await isOpaque(bytes, header, decoded);
  return {
    state: 'ok',
    facts: { ...(opaque !== undefined && { isOpaque: opaque }), ...facts },
    warnings: [],
  };
}

/** A second, lenient try gives as much of a damaged picture as a viewer would show. */
async function decodeWhatThereIs(
  bytes: Uint8Array,
  header: SharpHeader,
  limitInputPixels: number,
): Promise<{ decoded: Decoded; isWhole: boolean }> {
  try {
    return { decoded: await decode(bytes, header, { failOn: 'error', limitInputPixels }), isWhole: true };
  } catch (error) {
    const text = String(error);
    if (UNSUPPORTED.test(text) || OUT_OF_MEMORY.test(text)) throw error;
    const decoded = await decode(bytes, header, { failOn: 'none', limitInputPixels });
    // One colour all over is what decoders put where there is nothing.
    if (isPlain(decoded.raster)) throw error;
    return { decoded, isWhole: false };
  }
}

function isPlain({ rgba }: Raster): boolean {
  return rgba.every((value, at) => value === rgba[at % 4]);
}

function isGray({ space }: SharpHeader): boolean {
  return space === 'b-w' || space === 'grey16';
}

/** Programs compare hashes and read no warnings: those of half a picture would mislead them. */
function withoutHashes({ phash, dhash, ...rest }: PixelFacts): PixelFacts {
  return rest;
}

/** libvips' own words name places in its code and in the file: they are left out. */
function explain(error: unknown, format: ImageFormat): PixelReading {
  const text = String(error);
  if (OUT_OF_MEMORY.test(text))
    return refusal('skipped', skipped('The picture needs more memory than a decoder has.'));
  if (UNSUPPORTED.test(text))
    return refusal('absent', notDecoded(`This variant of ${format} is not decoded here.`));
  return refusal('failed', unreadable('The pixels can not be decoded.'));
}

function refusal(state: PixelReading['state'], warning: MetadataWarning): PixelReading {
  return { state, facts: {}, warnings: [warning] };
}

function notDecoded(message: string): MetadataWarning {
  return { code: 'NOT_DECODED', message, field: 'placeholder' };
}

function unreadable(message: string): MetadataWarning {
  return { code: 'PIXELS_UNREADABLE', message, field: 'placeholder' };
}
