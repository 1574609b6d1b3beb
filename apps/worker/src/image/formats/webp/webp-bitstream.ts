// What the first bytes of WebP's two codings say: VP8 (RFC 6386, 9.1), VP8L (RFC 9649, 3.4).
import type { Bytes } from '../../bytes.ts';

export interface Bitstream {
  method: 'vp8' | 'vp8l';
  width: number;
  height: number;
  /** VP8L: the hint that some pixel is not opaque. VP8 has no alpha of its own. */
  hasAlpha: boolean;
  /** Version of the coding: VP8's profile, from 0 to 3; VP8L's is 0. */
  version: number;
}

const VP8_START = '\x9d\x01\x2a';
const VP8L_START = 0x2f;

/** 14 bits; the two above ask for an enlargement, which no WebP decoder makes (RFC 9649, 2.5). */
const SIZE_MASK = 0x3fff;

/** Undefined unless it is a key frame. @throws EndOfBytes */
export function readVp8(data: Bytes): Bitstream | undefined {
  const tag = data.u24(0, true);
  data.need(0, 10);
  if ((tag & 1) !== 0 || !data.is(VP8_START, 3)) return undefined;
  const [width, height] = [data.u16(6, true) & SIZE_MASK, data.u16(8, true) & SIZE_MASK];
  return { method: 'vp8', width, height, hasAlpha: false, version: (tag >> 1) & 7 };
}

/** @throws EndOfBytes */
export function readVp8l(data: Bytes): Bitstream | undefined {
  if (data.u8(0) !== VP8L_START) return undefined;
  const bits = data.u32(1, true);
  return {
    method: 'vp8l',
    width: (bits & SIZE_MASK) + 1,
    height: ((bits >> 14) & SIZE_MASK) + 1,
    hasAlpha: ((bits >> 28) & 1) === 1,
    version: bits >>> 29,
  };
}
