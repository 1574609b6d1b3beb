// GIF 87a and 89a (CompuServe, 1987 and 1990): the logical screen and the walk from block to block.
import type { Bytes } from '../../bytes.ts';
import { type Header, type HeaderReader, MAX_STEPS, malformed, walkLimit } from '../../header.ts';
import { addDelay, type Delays, describeDelays, noDelays } from '../frame-delays.ts';
import { hexColor } from '../hex-color.ts';
import { skipSubBlocks } from './gif-blocks.ts';
import { type Extension, readApplication, readComment } from './gif-extensions.ts';

const MAX_FRAMES = 10_000;
const SCREEN_BYTES = 13;
const DESCRIPTOR_BYTES = 10;

const IMAGE = 0x2c;
const EXTENSION = 0x21;
const TRAILER = 0x3b;
const CONTROL = 0xf9;
const PLAIN_TEXT = 0x01;
const COMMENT = 0xfe;
const APPLICATION = 0xff;

/** 0 leaves it to the decoder, and all decoders leave the frame; 4 to 7 are not defined (GIF89a, 23). */
const DISPOSALS = ['none', 'none', 'background', 'previous'];

interface Control {
  delayMs: number;
  disposal: string | undefined;
  isTransparent: boolean;
}

const NO_CONTROL: Control = { delayMs: 0, disposal: 'none', isTransparent: false };

interface Gif {
  bytes: Bytes;
  header: Header;
  /** Of the frame that comes next. */
  control: Control;
  delays: Delays;
  disposal: Set<string>;
  /** 0: for ever. */
  plays?: number | undefined;
}

export const readGif: HeaderReader = (bytes, header) => {
  const gif: Gif = { bytes, header, control: NO_CONTROL, delays: noDelays(), disposal: new Set() };
  header.encoding.codec = 'gif';
  header.compression.method = 'lzw';
  header.compression.lossless = true;
  header.image.channels = 1;
  header.color.model = 'indexed';
  const version = bytes.latin1(3, 3);
  header.formatVersion = version;
  header.encoding.process = version;
  try {
    walk(gif, readScreen(gif));
  } finally {
    finish(gif);
  }
};

/** The logical screen is the picture's size, wherever its frames lie (GIF89a, 18). Returns where the first block begins. */
function readScreen({ bytes, header }: Gif): number {
  header.image.storedWidth = bytes.u16(6, true);
  header.image.storedHeight = bytes.u16(8, true);
  if (header.image.storedWidth === 0 || header.image.storedHeight === 0) {
    header.warnings.push(malformed('A side of the logical screen has no length.', 'image'));
  }
  const packed = bytes.u8(10);
  if ((packed & 0x80) === 0) return SCREEN_BYTES;
  const colors = usePalette(packed, header);
  const background = bytes.u8(11);
  bytes.need(SCREEN_BYTES, colors * 3);
  if (background < colors) header.color.background = hexColor(bytes.slice(SCREEN_BYTES + background * 3, 3));
  return SCREEN_BYTES + colors * 3;
}

/** Every frame may bring colours of its own: the largest table tells how many bits an index has. Returns its colours. */
function usePalette(packed: number, { image, color }: Header): number {
  const bits = (packed & 7) + 1;
  image.bitDepth = Math.max(image.bitDepth ?? 0, bits);
  color.palette = { size: Math.max(color.palette?.size ?? 0, 2 ** bits) };
  return 2 ** bits;
}

function walk(gif: Gif, from: number): void {
  const { bytes, header } = gif;
  let at = from;
  let steps = 0;
  while (steps < MAX_STEPS && gif.delays.frames < MAX_FRAMES) {
    const kind = bytes.u8(at);
    if (kind === IMAGE) at = readFrame(gif, at);
    else if (kind === EXTENSION) {
      // A frame has its control, and animations of more than a thousand frames exist.
      if (bytes.u8(at + 1) !== CONTROL || gif.control !== NO_CONTROL) steps += 1;
      at = readExtension(gif, bytes.u8(at + 1), at + 2);
    } else if (kind === TRAILER) {
      header.end = at + 1;
      return;
    } else if (kind === 0) {
      // Some writers end their sub-blocks twice, and every decoder passes over it.
      at += 1;
    } else {
      header.warnings.push(malformed(`No block begins at byte ${at}.`));
      return;
    }
  }
  header.warnings.push(walkLimit('blocks'));
}

/** Image descriptor (GIF89a, 20), its colours and pixels. Returns where the next block begins. */
function readFrame(gif: Gif, at: number): number {
  const { bytes, header, control } = gif;
  const packed = bytes.u8(at + 9);
  if (gif.delays.frames === 0) {
    header.encoding.interlaced = (packed & 0x40) !== 0;
    header.encoding.progressive = header.encoding.interlaced;
  }
  addDelay(gif.delays, control.delayMs);
  if (control.disposal !== undefined) gif.disposal.add(control.disposal);
  if (control.isTransparent) header.image.hasAlpha = true;
  gif.control = NO_CONTROL;
  const colors = (packed & 0x80) === 0 ? 0 : usePalette(packed, header);
  const pixels = at + DESCRIPTOR_BYTES + 3 * colors;
  const codeBits = bytes.u8(pixels);
  // Without any palette the codes alone tell how many colours there can be (GIF89a, appendix F).
  if (codeBits >= 2 && codeBits <= 8) header.image.bitDepth ??= codeBits;
  return skipSubBlocks(bytes, pixels + 1);
}

/** @param from behind the label. Returns where the next block begins. */
function readExtension(gif: Gif, label: number, from: number): number {
  const { bytes, header } = gif;
  const extension: Extension = { from, to: skipSubBlocks(bytes, from) };
  if (label === CONTROL) gif.control = readControl(bytes, from);
  else if (label === PLAIN_TEXT) gif.control = NO_CONTROL;
  else if (label === COMMENT) readComment(bytes, extension, header);
  else if (label === APPLICATION) {
    // Of several the last is played.
    gif.plays = readApplication(bytes, extension, header) ?? gif.plays;
  }
  return extension.to;
}

/** Graphic control extension (GIF89a, 23): it is about the picture, or the text, that comes next. */
function readControl(bytes: Bytes, at: number): Control {
  if (bytes.u8(at) < 4) return NO_CONTROL;
  const packed = bytes.u8(at + 1);
  return {
    delayMs: bytes.u16(at + 2, true) * 10,
    disposal: DISPOSALS[(packed >> 2) & 7],
    isTransparent: (packed & 1) !== 0,
  };
}

/** Without an extension that tells more the frames play once. */
function finish({ header, delays, disposal, plays = 1 }: Gif): void {
  const { frames } = delays;
  if (frames > 0) header.image.hasAlpha ??= false;
  if (frames > 0 || header.end !== undefined) header.image.pages = frames;
  if (frames < 2) return;
  header.animation = {
    frames,
    loopCount: plays,
    ...describeDelays(delays, header.end !== undefined),
    disposal: [...disposal],
  };
}
