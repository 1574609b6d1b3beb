// One picture of HEIF as facts of the document: size, depth, colour, codec, transform.
import type { Bytes } from '../../bytes.ts';
import { type Cicp, describeCicp, mergeCicp } from '../../cicp.ts';
import { type Header, malformed } from '../../header.ts';
import { codecOf, type Picture, readCoding } from './heif-codec.ts';
import type { Coding } from './heif-coding.ts';
import { attempt } from './heif-meta.ts';
import { channelBitsOf, cicpOf, extentsOf, profileOf } from './heif-properties.ts';
import { transformOf } from './heif-transform.ts';

export interface Size {
  width: number;
  height: number;
}

/**
 * @param shown the picture with its transforms
 * @param coded the picture whose codec tells depth and colour: the same, or the first tile of a grid
 * @param size where the properties of the picture do not tell it
 */
export function describePicture(
  bytes: Bytes,
  header: Header,
  { shown, coded, size }: { shown: Picture; coded: Picture; size: () => Size | undefined },
): void {
  const stored = attempted(header, 'size', () => extentsOf(bytes, shown.properties) ?? size());
  const nclx = attempted(
    header,
    'colour',
    () => cicpOf(bytes, shown.properties) ?? cicpOf(bytes, coded.properties),
  );
  const wantsStream = stored === undefined || nclx === undefined || isUnspecified(nclx);
  const coding = attempted(header, 'codec configuration', () => readCoding(bytes, coded, wantsStream)) ?? {};
  describeCoding(header, codecOf(coded.type), coding);
  describeSize(bytes, header, shown, stored ?? (shown === coded ? sizeIn(coding) : undefined));
  describeSamples(bytes, header, [shown, coded], coding);
  const profile = profileOf(bytes, shown.properties) ?? profileOf(bytes, coded.properties);
  if (profile !== undefined) header.blocks.icc = profile;
  describeColor(
    header,
    coding,
    mergeCicp(nclx, profile === undefined ? coding.cicp : besideProfile(coding.cicp)),
  );
}

/** A profile takes the place of the stream's primaries and transfer; matrix and range it does not know (6.5.5.1). */
function besideProfile(cicp: Cicp | undefined): Cicp | undefined {
  return cicp && { ...cicp, primaries: 2, transfer: 2 };
}

function attempted<Fact>(header: Header, what: string, read: () => Fact | undefined): Fact | undefined {
  let fact: Fact | undefined;
  attempt(header, what, () => {
    fact = read();
  });
  return fact;
}

function isUnspecified({ primaries, transfer, matrix }: Cicp): boolean {
  return primaries === 2 || transfer === 2 || matrix === 2;
}

function sizeIn({ width = 0, height = 0 }: Coding): Size | undefined {
  return width > 0 && height > 0 ? { width, height } : undefined;
}

function describeCoding(header: Header, codec: string | undefined, coding: Coding): void {
  const { profile, level, process, chromaSubsampling, tiling, lossless, method, contradiction } = coding;
  if (contradiction !== undefined) header.warnings.push(malformed(contradiction, 'encoding'));
  Object.assign(header.encoding, { codec, profile, level, process, chromaSubsampling, tiling });
  header.compression.method = method ?? (codec === 'uncompressed' ? 'none' : codec);
  header.compression.lossless = lossless;
}

function describeSize(bytes: Bytes, header: Header, { properties }: Picture, stored: Size | undefined): void {
  if (stored === undefined) return;
  header.image.storedWidth = stored.width;
  header.image.storedHeight = stored.height;
  try {
    const { transform, width, height } = transformOf(bytes, properties, stored.width, stored.height);
    header.image.transform = transform;
    header.image.displayWidth = width;
    header.image.displayHeight = height;
  } catch (error) {
    // Without the broken transform nothing about the displayed size is known.
    header.warnings.push(
      malformed(`The transform can not be applied: ${(error as Error).message}`, 'image.transform'),
    );
  }
}

/** pixi speaks of what comes out of the decoder, the configuration of what goes in; they are the same but in broken files. */
function describeSamples(bytes: Bytes, header: Header, pictures: Picture[], coding: Coding): void {
  const told = pictures.map(
    ({ properties }) => attempted(header, 'pixi', () => channelBitsOf(bytes, properties)) ?? [],
  );
  const bits = told.find((channels) => channels.length > 0) ?? [];
  header.image.bitDepth = bits.length > 0 ? Math.max(...bits) : coding.bitDepth;
  header.image.channels = coding.channels ?? (bits.length > 0 ? bits.length : undefined);
  if (coding.hasAlpha === true) header.image.hasAlpha = true;
}

function describeColor(header: Header, coding: Coding, cicp: Cicp | undefined): void {
  if (cicp !== undefined) describeCicp(cicp, header);
  header.color.model = coding.model ?? modelOf(coding.chromaSubsampling, header.color.matrix);
}

/** Subsampled chroma is chroma whatever the matrix; full chroma without a matrix may be anything. */
function modelOf(chromaSubsampling: string | undefined, matrix: string | undefined): string | undefined {
  if (chromaSubsampling === '4:0:0') return 'gray';
  if (matrix === 'identity') return 'rgb';
  return matrix !== undefined || (chromaSubsampling !== undefined && chromaSubsampling !== '4:4:4')
    ? 'ycbcr'
    : undefined;
}
