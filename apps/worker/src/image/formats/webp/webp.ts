// WebP (RFC 9649): the walk through the RIFF container. Chunks of the picture are read here, codings and frames beside.
import { Bytes, EndOfBytes } from '../../bytes.ts';
import { type Header, type HeaderReader, MAX_STEPS, malformed, walkLimit, warnOnce } from '../../header.ts';
import { noDelays } from '../frame-delays.ts';
import { addXmp, setExif } from '../tag-blocks.ts';
import { describeAnimation, readAnimationHeader, readFrame } from './webp-animation.ts';
import { type Bitstream, readVp8, readVp8l } from './webp-bitstream.ts';
import { describePicture, isAnimated, type Webp } from './webp-picture.ts';

const MAX_FRAMES = 10_000;

/** "RIFF", the size of what follows, "WEBP". */
const RIFF_BYTES = 12;
const CHUNK_BYTES = 8;

type ChunkReader = (data: Bytes, webp: Webp) => void;

/** Metadata is taken from wherever it stands: writers put it in any order, and into files without VP8X. */
const CHUNKS: Readonly<Record<string, ChunkReader>> = {
  VP8X: readExtended,
  'VP8 ': (data, webp) => usePicture(readVp8(data), webp),
  VP8L: (data, webp) => usePicture(readVp8l(data), webp),
  ALPH: (_, webp) => {
    webp.hasAlpha = true;
  },
  ANIM: (data, webp) => {
    if (isAnimated(webp)) readAnimationHeader(data, webp);
  },
  ANMF: (data, webp) => {
    if (isAnimated(webp)) readFrame(data, webp);
  },
  ICCP: (data, { header }) => {
    header.blocks.icc = data.all;
  },
  EXIF: (data, { header }) => setExif(header, data.all),
  'XMP ': readXmp,
  // Some writers end the name with a NUL instead.
  'XMP\0': readXmp,
  C2PA: (data, { header }) => {
    header.blocks.c2pa = data.all;
  },
};

function readXmp(data: Bytes, { header }: Webp): void {
  if (header.blocks.xmp === undefined) addXmp(header, data.all);
}

/** What is worth reading though the file ends within it: they begin with the facts. */
const USEFUL_IF_CUT: ReadonlySet<string> = new Set(['VP8 ', 'VP8L', 'ALPH', 'ANMF']);

export const readWebp: HeaderReader = (bytes, header) => {
  const webp: Webp = { header, hasAlpha: false, methods: new Set(), delays: noDelays(), disposal: new Set() };
  try {
    walk(bytes, webp);
  } finally {
    describePicture(webp);
    if (isAnimated(webp)) describeAnimation(webp);
  }
};

function walk(bytes: Bytes, webp: Webp): void {
  const { header } = webp;
  const end = endOfRiff(bytes, header);
  const seen = new Set<string>();
  let at = RIFF_BYTES;
  let frames = 0;
  let steps = 0;
  while (at + CHUNK_BYTES <= end) {
    if (steps === MAX_STEPS || frames === MAX_FRAMES) {
      header.warnings.push(walkLimit('chunks'));
      return;
    }
    const type = bytes.latin1(at, 4);
    const size = bytes.u32(at + 4, true);
    const isFrame = type === 'ANMF';
    // Of two chunks of a kind the first counts (2.7).
    if (isFrame || !seen.has(type)) readChunk(bytes, { type, at: at + CHUNK_BYTES, size }, webp);
    seen.add(type);
    if (isFrame) frames += 1;
    else steps += 1;
    at += CHUNK_BYTES + size;
    if (size % 2 === 1 && at < bytes.length) at += 1;
  }
  // The padding behind the last chunk is missed by nobody, whether RIFF counts it or not.
  if (!(at === bytes.length && end === at + 1)) bytes.need(0, end);
  if (at > end + 1) header.warnings.push(malformed('A chunk reaches beyond the size that RIFF gives.'));
  header.end = Math.min(Math.max(at, end), bytes.length);
}

/** Where the size of RIFF says that the file ends; a size that holds no chunk is a writer's who could not go back. */
function endOfRiff(bytes: Bytes, header: Header): number {
  const size = bytes.u32(4, true);
  bytes.need(0, RIFF_BYTES);
  if (size >= RIFF_BYTES && size < 0xffffffff) return 8 + size;
  header.warnings.push(malformed('RIFF gives no possible size.'));
  return bytes.length;
}

function readChunk(
  bytes: Bytes,
  { type, at, size }: { type: string; at: number; size: number },
  webp: Webp,
): void {
  const isCut = !bytes.has(at, size);
  const read = CHUNKS[type];
  if (read !== undefined && (!isCut || USEFUL_IF_CUT.has(type))) {
    try {
      read(new Bytes(bytes.upTo(at, size)), webp);
    } catch (error) {
      if (isCut || !(error instanceof EndOfBytes)) throw error;
      // It is the chunk that ends too early, not the file.
      warnOnce(webp.header, malformed(`A chunk ${type.trim()} is too short.`));
    }
  }
  bytes.need(at, size);
}

/** VP8X (2.7): the canvas is the picture's size, whatever the pictures on it have. */
function readExtended(data: Bytes, webp: Webp): void {
  webp.flags = data.u8(0);
  webp.header.image.storedWidth = data.u24(4, true) + 1;
  webp.header.image.storedHeight = data.u24(7, true) + 1;
}

/** The pixels of a still picture. In an animation they stand in ANMF, and these here mean nothing. */
function usePicture(picture: Bitstream | undefined, webp: Webp): void {
  const { image, warnings } = webp.header;
  if (isAnimated(webp) || webp.still !== undefined) return;
  if (picture === undefined) {
    warnings.push(malformed('The pixels begin with nothing that can be decoded.', 'image'));
    return;
  }
  webp.still = picture;
  image.storedWidth ??= picture.width;
  image.storedHeight ??= picture.height;
  if (image.storedWidth !== picture.width || image.storedHeight !== picture.height) {
    warnings.push(
      malformed(`The picture of ${picture.width} × ${picture.height} does not fill the canvas.`, 'image'),
    );
  }
}
