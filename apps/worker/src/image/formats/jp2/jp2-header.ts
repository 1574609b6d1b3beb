// The header boxes of JP2 and JPX: size, depth, colours, palette, channels, resolution (ISO/IEC 15444-1, I.5.3).
import { type Bytes, EndOfBytes } from '../../bytes.ts';
import { densityIn } from '../../density.ts';
import { type Header, malformed } from '../../header.ts';
import { type Box, boxes } from '../boxes.ts';
import { readColor } from './jp2-color.ts';

/** What the header boxes tell, before it is compared with the codestream. */
export interface Jp2Header {
  size?: { width: number; height: number; components: number };
  /** The largest, where components differ. */
  bitDepth?: number;
  hasColor: boolean;
  /** How many of the channels are colours. */
  colors?: number | undefined;
  paletteSize?: number;
  /** Channels that come out of the palette. */
  paletteChannels?: number;
  /** What a cdef box says. */
  hasOpacity?: boolean;
  hasCapturedDensity: boolean;
}

export function emptyJp2Header(): Jp2Header {
  return { hasColor: false, hasCapturedDensity: false };
}

interface Context {
  bytes: Bytes;
  header: Header;
  found: Jp2Header;
}

/** Header boxes of the file, of a codestream, of a layer and of its group of colours. */
export const SUPERBOXES: ReadonlySet<string> = new Set(['jp2h', 'jpch', 'jplh', 'cgrp', 'res ']);
const MAX_DEPTH = 3;

/** The first of each kind is taken: of several pictures in a JPX file, the first. */
export function readHeaderBoxes(context: Context, superbox: Box, depth = 0): void {
  const { bytes, header } = context;
  for (const box of boxes(bytes, superbox.body, superbox.end)) {
    if (SUPERBOXES.has(box.type) && depth < MAX_DEPTH) {
      readHeaderBoxes(context, box, depth + 1);
      continue;
    }
    try {
      READERS[box.type]?.(bytes.window(box.body, box.end - box.body), context);
    } catch (error) {
      // A box that is too short for what it holds says nothing about the file's end.
      if (!(error instanceof EndOfBytes) || box.cut) throw error;
      header.warnings.push(malformed(`The box ${box.type} is too short.`));
    }
  }
}

type BoxReader = (content: Bytes, context: Context) => void;

const VARIES = 255;

const READERS: Readonly<Record<string, BoxReader | undefined>> = {
  ihdr(content, { found }) {
    if (found.size !== undefined) return;
    found.size = { height: content.u32(0), width: content.u32(4), components: content.u16(8) };
    const depth = content.u8(10);
    if (depth !== VARIES) found.bitDepth = (depth & 0x7f) + 1;
  },
  bpcc(content, { found }) {
    found.bitDepth ??= content.all.reduce((largest, depth) => Math.max(largest, (depth & 0x7f) + 1), 0);
  },
  colr(content, { header, found }) {
    // A reader of Part 1 takes the first and ignores the others.
    if (found.hasColor) return;
    found.hasColor = true;
    found.colors = readColor(content, header);
  },
  pclr(content, { found }) {
    found.paletteSize ??= content.u16(0);
    found.paletteChannels ??= content.u8(2);
  },
  cdef(content, { found }) {
    if (found.hasOpacity !== undefined) return;
    const count = content.u16(0);
    content.need(2, 6 * count);
    found.hasOpacity = Array.from({ length: count }, (_, index) => content.u16(4 + 6 * index)).some(
      isOpacity,
    );
  },
  resc(content, context) {
    context.found.hasCapturedDensity = readDensity(content, context.header);
  },
  resd(content, context) {
    if (!context.found.hasCapturedDensity) readDensity(content, context.header);
  },
};

/** Opacity, or opacity that the colours are multiplied with already. */
function isOpacity(type: number): boolean {
  return type === 1 || type === 2;
}

/** Samples per metre as fractions with powers of ten, vertical before horizontal (I.5.3.7). */
function readDensity(content: Bytes, header: Header): boolean {
  const perMetre = (fraction: number, exponent: number) => {
    const power = (content.u8(exponent) << 24) >> 24;
    return (content.u16(fraction) / content.u16(fraction + 2)) * 10 ** power;
  };
  const [y, x] = [perMetre(0, 8), perMetre(4, 9)];
  const density = densityIn('metre', x, y);
  if (density === undefined) return false;
  header.image.density = { ...density, unit: 'inch', source: 'jp2' };
  return true;
}
