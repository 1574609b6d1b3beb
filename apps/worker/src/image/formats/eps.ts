// EPS: what a program says that it wrote, never the program itself (Adobe, "Encapsulated PostScript File Format", 3.0). Shown is the
// bounding box, where a point, 1/72 inch, is a pixel; stored is the raster that a program names, or else the same.
import { type Bytes, bufferOf } from '../bytes.ts';
import { endAt, type Header, type HeaderReader, malformed } from '../header.ts';
import { readHeaderComments, readTrailerComments, unquote } from './eps-comments.ts';

/** Comments stand at the beginning, or at the end where they say so. */
const HEAD_BYTES = 32_768;
const TRAILER_BYTES = 8192;
/** As far as packets, resources and the last line are looked for. */
const SEARCHED_BYTES = 1_048_576;
const DOS_HEADER_BYTES = 30;

/** Comments about the document as a whole. */
const TEXTS = new Set(['Title', 'Creator', 'For', 'CreationDate', 'Copyright']);

export const readEps: HeaderReader = (bytes, header) => {
  header.image.pages = 1;
  const isDos = bytes.u32(0) === 0xc5d0d3c6;
  const section = isDos ? readDosHeader(bytes, header) : { at: 0, length: bytes.length };
  const program = bufferOf(bytes.upTo(section.at, section.length));
  const version = /^%!PS-Adobe-[\d.]+ EPSF-([\d.]+)/.exec(program.toString('latin1', 0, 64))?.[1];
  if (version !== undefined) header.formatVersion = version;
  const comments = readHeaderComments(program.subarray(0, HEAD_BYTES));
  const texts = [...comments]
    .filter(([name, text]) => TEXTS.has(name) && text !== '')
    .map(([name, text]): [string, string] => [name, unquote(text)]);
  if (texts.length > 0) header.blocks.texts = texts;
  describeBox(boxOf(comments) ?? boxOf(readTrailerComments(program.subarray(-TRAILER_BYTES))), header);
  const searched = program.subarray(0, SEARCHED_BYTES);
  describeRaster(searched, header);
  readBlocks(searched, header);
  if (!isDos) describeEnd(program, header);
};

/** Before the program: where it is, and a preview for systems without PostScript (5.2). */
function readDosHeader(bytes: Bytes, header: Header): { at: number; length: number } {
  const sections = [4, 12, 20].map((at) => ({ at: bytes.u32(at, true), length: bytes.u32(at + 4, true) }));
  const ends = sections.map(({ at, length }) => (length === 0 ? 0 : at + length));
  endAt(header, bytes, Math.max(DOS_HEADER_BYTES, ...ends));
  return sections[0] ?? { at: 0, length: 0 };
}

interface Box {
  width: number;
  height: number;
}

/** The box in whole points, else the one with decimals. Undefined where neither has numbers: "(atend)" sends to the trailer. */
function boxOf(comments: Map<string, string>): Box | undefined {
  for (const name of ['BoundingBox', 'HiResBoundingBox']) {
    const numbers = (comments.get(name) ?? '').split(/\s+/, 4).map(Number);
    const [left = Number.NaN, bottom = Number.NaN, right = Number.NaN, top = Number.NaN] = numbers;
    const box = { width: Math.ceil(right - left), height: Math.ceil(top - bottom) };
    if (Number.isSafeInteger(box.width) && Number.isSafeInteger(box.height)) return box;
  }
  return undefined;
}

function describeBox(box: Box | undefined, header: Header): void {
  if (box === undefined) return;
  if (box.width > 0 && box.height > 0)
    Object.assign(header.image, { storedWidth: box.width, storedHeight: box.height });
  else header.warnings.push(malformed('The bounding box is empty.', 'image'));
}

/** Mode 1 to 4 of Photoshop's line about the raster inside: model and channels. */
const MODES: readonly (readonly [model: string, channels: number] | undefined)[] = [
  undefined,
  ['gray', 1],
  ['lab', 3],
  ['rgb', 3],
  ['cmyk', 4],
];

/** Columns, rows, bits of a sample, mode, and more (Adobe Photoshop File Formats Specification, "EPS Files"). */
function describeRaster(program: Buffer, header: Header): void {
  const at = program.indexOf('%ImageData:', 0, 'latin1');
  if (at < 0) return;
  const line = program.toString('latin1', at, at + 255);
  const [columns = 0, rows = 0, depth = 0, mode = 0] = line.split(/\s+/, 5).slice(1).map(Number);
  const kind = MODES[mode];
  if (kind === undefined || !(columns > 0 && rows > 0) || ![1, 8, 16, 32].includes(depth)) return;
  const { storedWidth, storedHeight } = header.image;
  if (storedWidth !== undefined)
    Object.assign(header.image, { displayWidth: storedWidth, displayHeight: storedHeight });
  Object.assign(header.image, {
    storedWidth: columns,
    storedHeight: rows,
    bitDepth: depth,
    channels: kind[1],
  });
  header.color.model = kind[0];
}

/** An XMP packet stands there as it is; Photoshop's resources and its profile as comments of hexadecimal digits. */
function readBlocks(program: Buffer, header: Header): void {
  // Under its old name in the first years of XMP.
  const packet =
    between(program, '<x:xmpmeta', '</x:xmpmeta>') ?? between(program, '<x:xapmeta', '</x:xapmeta>');
  if (packet !== undefined) header.blocks.xmp = [packet];
  const resources = digitsBetween(program, '%BeginPhotoshop:', '%EndPhotoshop');
  if (resources !== undefined) header.blocks.photoshop = resources;
  const profile = digitsBetween(program, '%%BeginICCProfile:', '%%EndICCProfile');
  if (profile !== undefined) header.blocks.icc = profile;
}

/** Behind the line of the first mark, which tells how many bytes there are. */
function digitsBetween(program: Buffer, first: string, last: string): Buffer | undefined {
  const block = between(program, first, last)?.toString('latin1');
  if (block === undefined) return undefined;
  const lines = block.slice(block.search(/[\r\n]/), -last.length);
  // Profiles may be binary instead.
  if (!/^[%\s0-9A-Fa-f]*$/.test(lines)) return undefined;
  const digits = lines.replace(/[%\s]/g, '');
  return digits.length > 0 ? Buffer.from(digits, 'hex') : undefined;
}

/** Both marks included. */
function between(program: Buffer, first: string, last: string): Buffer | undefined {
  const begin = program.indexOf(first, 0, 'latin1');
  const end = begin < 0 ? -1 : program.indexOf(last, begin, 'latin1');
  return end < 0 ? undefined : program.subarray(begin, end + last.length);
}

/** Behind the last EOF comment and the end of its line; a control-D of a serial line may follow. */
function describeEnd(program: Buffer, header: Header): void {
  const from = Math.max(0, program.length - SEARCHED_BYTES);
  const found = program.subarray(from).lastIndexOf('%%EOF', undefined, 'latin1');
  if (found < 0) return;
  let end = from + found + '%%EOF'.length;
  while ([0x04, 0x0a, 0x0d, 0x20].includes(program[end] ?? 0)) end += 1;
  header.end = end;
}
