// The header of one image of the portable anymap family, as text: numbers between blanks and comments, or lines of names and values
// (Netpbm: pbm(5), pgm(5), ppm(5), pam(5); Debevec, "PFM Portable FloatMap").
import type { Bytes } from '../bytes.ts';
import { MAX_STEPS } from '../header.ts';

/** Comments may be long, but not without end. */
const MAX_HEADER_BYTES = 65_536;
/** As much of one comment is kept. */
const MAX_COMMENT_BYTES = 8192;
const HASH = 0x23;

export interface PnmImage {
  /** P1 to P7, PF, Pf. */
  magic: string;
  width: number;
  height: number;
  /** Samples of a pixel. */
  depth: number;
  /** The largest sample; of PFM the scale, whose sign is the byte order. */
  maxval: number;
  tupleType?: string;
  comments: string[];
  /** Where the samples begin. */
  raster: number;
}

/** How many numbers follow the magic, and how many samples a pixel has. */
const KINDS: Readonly<Record<string, [numbers: number, depth: number]>> = {
  P1: [2, 1],
  P2: [3, 1],
  P3: [3, 3],
  P4: [2, 1],
  P5: [3, 1],
  P6: [3, 3],
  PF: [3, 3],
  Pf: [3, 1],
};

/** Undefined where no header is. @throws EndOfBytes */
export function readPnmHeader(bytes: Bytes, at: number): PnmImage | undefined {
  const magic = bytes.latin1(at, 2);
  if (magic === 'P7') return readPam(bytes, at + 2);
  const [numbers, depth] = KINDS[magic] ?? [0, 0];
  if (numbers === 0) return undefined;
  const comments: string[] = [];
  const found: number[] = [];
  const limit = at + MAX_HEADER_BYTES;
  let next = at + 2;
  while (found.length < numbers) {
    const word = skipGap(bytes, next, limit, comments);
    next = wordEnd(bytes, word, limit);
    const value = Number(bytes.latin1(word, next - word));
    if (next === word || !Number.isFinite(value)) return undefined;
    found.push(value);
  }
  const [width = 0, height = 0, maxval = 1] = found;
  return { magic, width, height, depth, maxval, comments, raster: skipDelimiter(bytes, next, comments) };
}

/** One blank ends the header; a comment in its place ends with its line. */
function skipDelimiter(bytes: Bytes, at: number, comments: string[]): number {
  return bytes.has(at, 1) && bytes.u8(at) === HASH ? readComment(bytes, at, comments) : at + 1;
}

function skipGap(bytes: Bytes, from: number, limit: number, comments: string[]): number {
  let at = from;
  while (at < limit) {
    const byte = bytes.u8(at);
    if (byte === HASH) at = readComment(bytes, at, comments);
    else if (isBlank(byte)) at += 1;
    else break;
  }
  return at;
}

function wordEnd(bytes: Bytes, from: number, limit: number): number {
  let at = from;
  while (at < limit && bytes.has(at, 1) && bytes.u8(at) !== HASH && !isBlank(bytes.u8(at))) at += 1;
  return at;
}

/** Returns where the next line begins. */
function readComment(bytes: Bytes, at: number, comments: string[]): number {
  const end = lineEnd(bytes, at);
  const length = Math.min(end - at - 1, MAX_COMMENT_BYTES);
  if (comments.length < MAX_STEPS) comments.push(bytes.utf8(at + 1, length).trim());
  return end + 1;
}

/** The first line feed or carriage return, or where the file ends. */
function lineEnd(bytes: Bytes, from: number): number {
  let at = from;
  while (at < bytes.length && at - from < MAX_HEADER_BYTES && bytes.u8(at) !== 0x0a && bytes.u8(at) !== 0x0d)
    at += 1;
  return at;
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

/** Lines up to ENDHDR; more than one TUPLTYPE is one, with blanks between (pam(5)). */
function readPam(bytes: Bytes, from: number): PnmImage | undefined {
  const values = new Map<string, string>();
  const comments: string[] = [];
  let at = from;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    bytes.need(at, 1);
    const end = lineEnd(bytes, at);
    const line = bytes.utf8(at, end - at).trim();
    at = end + 1;
    if (line === 'ENDHDR') return pamImage(values, comments, at);
    if (line.startsWith('#')) comments.push(line.slice(1, MAX_COMMENT_BYTES).trim());
    const [, name, value] = /^(\S+)\s+(\S.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const before = name === 'TUPLTYPE' ? values.get(name) : undefined;
    values.set(name, before === undefined ? value : `${before} ${value}`);
  }
  return undefined;
}

function pamImage(values: Map<string, string>, comments: string[], raster: number): PnmImage {
  const number = (name: string) => Number(values.get(name) ?? 0);
  const tupleType = values.get('TUPLTYPE');
  return {
    magic: 'P7',
    width: number('WIDTH'),
    height: number('HEIGHT'),
    depth: number('DEPTH'),
    maxval: number('MAXVAL'),
    ...(tupleType === undefined ? {} : { tupleType }),
    comments,
    raster,
  };
}
