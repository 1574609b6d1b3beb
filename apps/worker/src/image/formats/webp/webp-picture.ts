// The picture in a WebP: coding, samples and alpha, from all that was seen of it.
import type { Header } from '../../header.ts';
import type { Delays } from '../frame-delays.ts';
import type { Bitstream } from './webp-bitstream.ts';

/** Flags of VP8X (RFC 9649, 2.7). */
const ANIMATION_FLAG = 0x02;
const ALPHA_FLAG = 0x10;

export interface Webp {
  header: Header;
  /** Of VP8X: undefined in a file without it. */
  flags?: number;
  /** The pixels of a picture that does not move. */
  still?: Bitstream;
  /** ALPH, or VP8L's hint in a frame. */
  hasAlpha: boolean;
  /** Codings of the frames. */
  methods: Set<Bitstream['method']>;
  /** 0: for ever. */
  plays?: number;
  delays: Delays;
  disposal: Set<string>;
}

export function isAnimated({ flags = 0 }: Webp): boolean {
  return (flags & ANIMATION_FLAG) !== 0;
}

export function describePicture(webp: Webp): void {
  const { header, still } = webp;
  if (still !== undefined) {
    header.image.pages = 1;
    if (still.method === 'vp8') header.encoding.profile = String(still.version);
  }
  describeCoding(still === undefined ? [...webp.methods] : [still.method], header);
  const hasAlpha = alphaOf(webp);
  header.image.bitDepth = 8;
  header.image.hasAlpha = hasAlpha;
  if (hasAlpha !== undefined) header.image.channels = hasAlpha ? 4 : 3;
}

/**
 * The flag is a promise, and of a still picture the coding tells what is kept of it. Of an animation the flag is taken: frames need
 * not cover the canvas.
 */
function alphaOf(webp: Webp): boolean | undefined {
  const { flags, still, hasAlpha } = webp;
  const isPromised = flags === undefined ? undefined : (flags & ALPHA_FLAG) !== 0;
  if (isAnimated(webp)) return isPromised || hasAlpha;
  if (still === undefined) return isPromised;
  // Without VP8X, ALPH means nothing (2.5, 2.6).
  return still.method === 'vp8l' ? still.hasAlpha : hasAlpha && flags !== undefined;
}

function describeCoding([method, another]: readonly Bitstream['method'][], header: Header): void {
  const { encoding, compression, color } = header;
  if (method === undefined) return;
  if (another !== undefined) {
    encoding.codec = 'webp';
    encoding.process = 'mixed';
    compression.method = 'webp';
    compression.lossless = false;
    return;
  }
  const isLossless = method === 'vp8l';
  encoding.codec = method;
  encoding.process = isLossless ? 'lossless' : 'lossy';
  compression.method = method;
  compression.lossless = isLossless;
  color.model = isLossless ? 'rgb' : 'ycbcr';
  if (isLossless) return;
  encoding.chromaSubsampling = '4:2:0';
  // 2.5 names Recommendation 601, whose samples do not use the whole range.
  color.matrix = 'bt601';
  color.range = 'limited';
}
