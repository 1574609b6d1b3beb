// WebP files by the byte, and what the reader makes of them.
import { readWebp } from '../../../../src/image/formats/webp/webp.ts';
import type { Header } from '../../../../src/image/header.ts';
import { join, le32, type Part, readWith, zeros } from '../byte-builder.ts';

const u24 = (value: number) => le32(value).subarray(0, 3);

export function chunk(type: string, ...parts: Part[]): Buffer {
  const data = join(...parts);
  return join(type, le32(data.length), data, zeros(data.length % 2));
}

export const riff = (...chunks: Buffer[]) => chunk('RIFF', 'WEBP', ...chunks);

/** The two bits above each size ask for an enlargement. */
export const vp8 = (width = 6, height = 4) =>
  chunk(
    'VP8 ',
    [0x10, 0, 0, 0x9d, 0x01, 0x2a],
    le32((width | 0x4000) + (height | 0x8000) * 0x10000),
    'pixels',
  );
export const vp8l = (alpha = 0, width = 6, height = 4) =>
  chunk('VP8L', [0x2f], le32(width - 1 + (height - 1) * 0x4000 + alpha * 0x10000000), 'pixels');
export const ALPH = chunk('ALPH', [0, 1, 2]);
export const vp8x = (flags: number, width = 6, height = 4) =>
  chunk('VP8X', [flags, 0, 0, 0], u24(width - 1), u24(height - 1));
export const anim = (plays: number) => chunk('ANIM', [0x11, 0x22, 0x33, 0x44, plays, 0]);
export const anmf = (durationMs: number, flags: number, ...chunks: Buffer[]) =>
  chunk('ANMF', u24(0), u24(0), u24(2), u24(1), u24(durationMs), [flags], ...chunks);

export const read = (bytes: Uint8Array): Header => readWith(readWebp, bytes);

export const LOSSY = {
  encoding: { codec: 'vp8', process: 'lossy', chromaSubsampling: '4:2:0' },
  compression: { method: 'vp8', lossless: false },
  color: { model: 'ycbcr', matrix: 'bt601', range: 'limited' },
};
export const LOSSLESS = {
  encoding: { codec: 'vp8l', process: 'lossless', chromaSubsampling: undefined },
  compression: { method: 'vp8l', lossless: true },
  color: { model: 'rgb', matrix: undefined },
};
export const OPAQUE = { hasAlpha: false, channels: 3 };
export const WITH_ALPHA = { hasAlpha: true, channels: 4 };

export const MOVING = riff(
  vp8x(0x12),
  anim(3),
  anmf(0x012345, 1, ALPH, vp8(3, 2)),
  anmf(10, 0, chunk('UNKN', 'x'), vp8(3, 2)),
  anmf(0, 2, vp8(3, 2)),
);
