// PNG files by the byte, and what the reader makes of them.
import { crc32 } from 'node:zlib';
import { readPng } from '../../../../src/image/formats/png/png.ts';
import type { Header } from '../../../../src/image/header.ts';
import { join, type Part, readWith, be32 as u32 } from '../byte-builder.ts';

export { u32 };

export function chunk(type: string, ...parts: Part[]): Buffer {
  const typed = join(type, ...parts);
  return join(u32(typed.length - 4), typed, u32(crc32(typed)));
}

export const ihdr = ({ depth = 8, type = 2, interlace = 0, width = 5, height = 4 } = {}) =>
  chunk('IHDR', u32(width, height), [depth, type, 0, 0, interlace]);
export const idat = chunk('IDAT', [1, 2, 3]);
export const iend = chunk('IEND');
export const plte = chunk('PLTE', [1, 2, 3, 0xaa, 0xbb, 0xcc]);

export const png = (...chunks: Buffer[]) => join('\x89PNG\r\n\x1a\n', ...chunks);
export const rgbWith = (...chunks: Buffer[]) => png(ihdr(), ...chunks, idat, iend);

export const actl = (frames: number, plays: number) => chunk('acTL', u32(frames, plays));
export const fctl = (numerator: number, denominator: number, disposal = 0) =>
  chunk('fcTL', u32(0, 5, 4, 0, 0), [0, numerator, 0, denominator, disposal, 0]);
export const fdat = chunk('fdAT', u32(1), [1, 2, 3]);

export const read = (bytes: Uint8Array): Header => readWith(readPng, bytes);
