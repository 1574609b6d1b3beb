// PNG and APNG (PNG 3rd edition, W3C): the walk from chunk to chunk. What a chunk says is read in the png-*.ts beside.
import { crc32 } from 'node:zlib';
import { type Bytes, EndOfBytes } from '../../bytes.ts';
import { type HeaderReader, MAX_STEPS, malformed, walkLimit, warnOnce } from '../../header.ts';
import { setExif } from '../tag-blocks.ts';
import { finishAnimation, readAnimationControl, readFrameControl } from './png-animation.ts';
import type { ChunkReader, Png } from './png-chunk.ts';
import {
  finishColor,
  readChromaticities,
  readCodePoints,
  readGamma,
  readProfile,
  readSrgb,
} from './png-color.ts';
import { MAX_TEXT_BYTES_PER_FILE } from './png-inflate.ts';
import {
  readBackground,
  readDensity,
  readImageHeader,
  readPalette,
  readTransparency,
} from './png-picture.ts';
import { readCompressedText, readInternationalText, readText } from './png-text.ts';

const SIGNATURE_BYTES = 8;

/** Length, type and CRC around the data of a chunk (5.3). */
const AROUND_BYTES = 12;
const MAX_CHUNK_BYTES = 0x7fffffff;

/** Most fcTL chunks that are looked at. */
const MAX_FRAMES = 10_000;

const IDAT = 0x49444154;
const FDAT = 0x66644154;

const CHUNKS: Readonly<Record<string, ChunkReader>> = {
  IHDR: readImageHeader,
  PLTE: readPalette,
  tRNS: readTransparency,
  bKGD: readBackground,
  pHYs: readDensity,
  cICP: readCodePoints,
  iCCP: readProfile,
  sRGB: readSrgb,
  gAMA: readGamma,
  cHRM: readChromaticities,
  acTL: readAnimationControl,
  fcTL: readFrameControl,
  tEXt: readText,
  zTXt: readCompressedText,
  iTXt: readInternationalText,
  eXIf: (data, { header }) => setExif(header, data.all),
  // Content Credentials (C2PA specification, appendix A): the manifest store as it is.
  caBX: (data, { header }) => {
    header.blocks.c2pa = data.all;
  },
  // Apple's own kind, found in every bundle of an iOS app: no PNG by the specification, but a PNG's header.
  CgBI: (_, { header }) => {
    header.formatVersion = 'CgBI';
  },
};

/** Any other chunk may stand in a file once (5.6): of two the first counts. */
const REPEATABLE: ReadonlySet<string> = new Set(['fcTL', 'tEXt', 'zTXt', 'iTXt']);

/** Behind the first IDAT these mean nothing to a decoder (5.6, 11.3.6.1): read there, they would tell of a picture that nobody sees. */
const ONLY_BEFORE_DATA: ReadonlySet<string> = new Set(['acTL', 'PLTE', 'tRNS']);

export const readPng: HeaderReader = (bytes, header) => {
  header.encoding.codec = 'png';
  header.compression.method = 'deflate';
  header.compression.lossless = true;
  const png: Png = {
    header,
    seen: new Set(),
    isInData: false,
    colors: {},
    textBytesLeft: MAX_TEXT_BYTES_PER_FILE,
  };
  try {
    walk(bytes, png);
  } finally {
    finishColor(png);
    finishAnimation(png);
  }
};

function walk(bytes: Bytes, png: Png): void {
  const { header } = png;
  let at = SIGNATURE_BYTES;
  let frames = 0;
  let steps = 0;
  while (steps < MAX_STEPS && frames < MAX_FRAMES) {
    at = skipPixels(bytes, at, png);
    const length = bytes.u32(at);
    const type = bytes.latin1(at + 4, 4);
    if (length > MAX_CHUNK_BYTES || !/^[A-Za-z]{4}$/.test(type)) {
      // Without IEND the picture is not known to be whole (5.6).
      header.truncated = true;
      header.warnings.push(malformed(`No chunk begins at byte ${at}.`));
      return;
    }
    bytes.need(at, AROUND_BYTES + length);
    if (type === 'IHDR') checkSum(bytes, at, length, png);
    readChunk(type, bytes.window(at + 8, length), png);
    at += AROUND_BYTES + length;
    if (type === 'IEND') {
      if (!png.isInData) warnOnce(png.header, malformed('The file has no pixels.', 'image'));
      header.end = at;
      return;
    }
    if (type === 'fcTL') frames += 1;
    else steps += 1;
  }
  header.warnings.push(walkLimit('chunks'));
}

/** Encoders cut the pixels into thousands of chunks: these are passed over at next to no cost, and are no steps of the walk. */
function skipPixels(bytes: Bytes, from: number, png: Png): number {
  let at = from;
  for (;;) {
    const type = bytes.u32(at + 4);
    if (type !== IDAT && type !== FDAT) return at;
    const length = bytes.u32(at);
    if (length > MAX_CHUNK_BYTES) return at;
    if (type === IDAT && !png.isInData) beginData(png);
    bytes.need(at, AROUND_BYTES + length);
    at += AROUND_BYTES + length;
  }
}

/** What can only stand in front of the pixels and did not is not there (5.6). */
function beginData(png: Png): void {
  const { image } = png.header;
  png.isInData = true;
  if (image.channels !== undefined) image.hasAlpha ??= false;
  image.pages ??= 1;
}

function readChunk(type: string, data: Bytes, png: Png): void {
  if (png.colorType === undefined && type !== 'IHDR' && type !== 'CgBI') {
    warnOnce(png.header, malformed('The file does not begin with an IHDR chunk.'));
  }
  const read = CHUNKS[type];
  const isRepeated = png.seen.has(type);
  png.seen.add(type);
  if (read === undefined || (isRepeated && !REPEATABLE.has(type))) return;
  if (png.isInData && ONLY_BEFORE_DATA.has(type)) {
    warnOnce(png.header, malformed(`A chunk ${type} stands behind the pixels, where it means nothing.`));
    return;
  }
  try {
    read(data, png);
  } catch (error) {
    if (!(error instanceof EndOfBytes)) throw error;
    // It is the chunk that ends too early, not the file.
    warnOnce(png.header, malformed(`A chunk ${type} is too short.`));
  }
}

/** Only here: whoever changes the size and forgets the sum has made a file that decoders refuse. */
function checkSum(bytes: Bytes, at: number, length: number, png: Png): void {
  if (crc32(bytes.slice(at + 4, 4 + length)) !== bytes.u32(at + 8 + length)) {
    warnOnce(png.header, malformed('The checksum of IHDR is wrong.'));
  }
}
