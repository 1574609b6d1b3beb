// What the pixels of a DDS are, by the number of a DXGI format, by four letters, or by masks (Microsoft, DXGI_FORMAT,
// "Programming Guide for DDS", DDS_PIXELFORMAT).
import { maskBits } from './mask-bits.ts';

export interface PixelFormat {
  method: string;
  /** Of one pixel; of a block of 4 × 4 pixels where `blockBytes` is given. */
  bitsPerPixel: number;
  blockBytes?: number;
  bitDepth?: number;
  channels?: number;
  hasAlpha?: boolean;
  model?: 'rgb' | 'gray' | 'indexed' | 'ycbcr';
  isSrgb?: boolean;
  chromaSubsampling?: string;
}

const block = (
  method: string,
  blockBytes: number,
  channels: number,
  hasAlpha: boolean,
  bitDepth = 8,
): PixelFormat => ({
  method,
  bitsPerPixel: blockBytes / 2,
  blockBytes,
  bitDepth,
  channels,
  hasAlpha,
  ...(channels >= 3 ? { model: 'rgb' as const } : {}),
});

const BC1 = block('bc1', 8, 4, true);
const BC2 = block('bc2', 16, 4, true);
const BC3 = block('bc3', 16, 4, true);
const BC4 = block('bc4', 8, 1, false);
const BC5 = block('bc5', 16, 2, false);
const BC6H = block('bc6h', 16, 3, false, 16);
const BC7 = block('bc7', 16, 4, true);

const plain = (
  channels: number,
  bitDepth: number,
  bitsPerPixel: number,
  hasAlpha = channels === 4,
): PixelFormat => ({
  method: 'none',
  bitsPerPixel,
  bitDepth,
  channels,
  hasAlpha,
  ...(channels >= 3 ? { model: 'rgb' as const } : {}),
});

/** Two pixels share their red and blue. */
const PACKED_422: PixelFormat = { ...plain(3, 8, 16), chromaSubsampling: '4:2:2' };

/** From the first number to the second: the same samples, read as typeless, float, normalised or whole numbers. */
const DXGI_RANGES: readonly [first: number, last: number, format: PixelFormat][] = [
  [1, 4, plain(4, 32, 128)],
  [5, 8, plain(3, 32, 96)],
  [9, 14, plain(4, 16, 64)],
  [15, 18, plain(2, 32, 64)],
  [23, 25, plain(4, 10, 32)],
  [26, 26, plain(3, 11, 32)],
  [27, 32, plain(4, 8, 32)],
  [33, 38, plain(2, 16, 32)],
  [39, 43, plain(1, 32, 32)],
  [48, 52, plain(2, 8, 16)],
  [53, 59, plain(1, 16, 16)],
  [60, 64, plain(1, 8, 8)],
  [65, 65, plain(1, 8, 8, true)],
  [66, 66, plain(1, 1, 1)],
  [67, 67, plain(3, 9, 32)],
  [68, 69, PACKED_422],
  [70, 72, BC1],
  [73, 75, BC2],
  [76, 78, BC3],
  [79, 81, BC4],
  [82, 84, BC5],
  [85, 85, plain(3, 6, 16)],
  [86, 86, plain(4, 5, 16)],
  [87, 87, plain(4, 8, 32)],
  [88, 88, plain(3, 8, 32)],
  [89, 89, plain(4, 10, 32)],
  [90, 91, plain(4, 8, 32)],
  [92, 93, plain(3, 8, 32)],
  [94, 96, BC6H],
  [97, 99, BC7],
  [107, 107, { ...PACKED_422, model: 'ycbcr' }],
  [115, 115, plain(4, 4, 16)],
  [191, 191, plain(4, 4, 16)],
];
const DXGI_SRGB = new Set([29, 72, 75, 78, 91, 93, 99]);

export function dxgiFormat(number: number): PixelFormat | undefined {
  const format = DXGI_RANGES.find(([first, last]) => number >= first && number <= last)?.[2];
  return format && DXGI_SRGB.has(number) ? { ...format, isSrgb: true } : format;
}

/** Four letters, or as a number one of Direct3D 9's formats. */
const FOUR_CCS = new Map<string, PixelFormat>([
  ['DXT1', BC1],
  ['DXT2', BC2],
  ['DXT3', BC2],
  ['DXT4', BC3],
  ['DXT5', BC3],
  ['RXGB', { ...BC3, channels: 3, hasAlpha: false }],
  ['ATI1', BC4],
  ['BC4U', BC4],
  ['BC4S', BC4],
  ['ATI2', BC5],
  ['BC5U', BC5],
  ['BC5S', BC5],
  ['BC6H', BC6H],
  ['BC7L', BC7],
  ['RGBG', PACKED_422],
  ['GRGB', PACKED_422],
  ['UYVY', { ...PACKED_422, model: 'ycbcr' }],
  ['YUY2', { ...PACKED_422, model: 'ycbcr' }],
  ['\x24\0\0\0', plain(4, 16, 64)],
  ['\x6e\0\0\0', plain(4, 16, 64)],
  ['\x6f\0\0\0', plain(1, 16, 16)],
  ['\x70\0\0\0', plain(2, 16, 32)],
  ['\x71\0\0\0', plain(4, 16, 64)],
  ['\x72\0\0\0', plain(1, 32, 32)],
  ['\x73\0\0\0', plain(2, 32, 64)],
  ['\x74\0\0\0', plain(4, 32, 128)],
  ['\x75\0\0\0', plain(2, 8, 16)],
]);

export function fourCcFormat(letters: string): PixelFormat | undefined {
  return FOUR_CCS.get(letters);
}

const ALPHA_PIXELS = 0x1;
const ALPHA_ONLY = 0x2;
const PALETTE_4 = 0x8;
const PALETTE_8 = 0x20;
const YUV = 0x200;
const LUMINANCE = 0x2_0000;

/** By the flags of the pixel format and its masks of red, green, blue and alpha. */
export function maskedFormat(flags: number, bitsPerPixel: number, masks: readonly number[]): PixelFormat {
  const base = { method: 'none', bitsPerPixel };
  if ((flags & PALETTE_8) !== 0) return { ...base, bitDepth: 8, channels: 1, model: 'indexed' };
  if ((flags & PALETTE_4) !== 0) return { ...base, bitDepth: 4, channels: 1, model: 'indexed' };
  const counted = masks.filter(
    (mask, index) => mask !== 0 && (index < 3 || (flags & (ALPHA_PIXELS | ALPHA_ONLY)) !== 0),
  );
  const alpha = masks[3] ?? 0;
  const hasAlpha = alpha !== 0 && (flags & (ALPHA_PIXELS | ALPHA_ONLY)) !== 0;
  if (counted.length === 0) return base;
  const bitDepth = Math.max(...counted.map(maskBits));
  const colors = counted.length - (hasAlpha ? 1 : 0);
  const model = (flags & YUV) !== 0 ? 'ycbcr' : (flags & LUMINANCE) !== 0 ? 'gray' : 'rgb';
  const isNamed = model === 'gray' || colors === 3;
  return { ...base, bitDepth, channels: counted.length, hasAlpha, ...(isNamed ? { model } : {}) };
}
