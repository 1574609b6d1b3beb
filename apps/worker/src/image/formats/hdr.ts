// Radiance HDR: lines of text up to an empty one, a line that says size and direction, then pixels with a common exponent
// (Ward, "The RADIANCE Picture File Format"; Radiance Reference Manual, "picture").
import type { Bytes } from '../bytes.ts';
import { type Header, type HeaderReader, MAX_STEPS, malformed, walkLimit } from '../header.ts';

/** A command line may be long, but not without end. */
const MAX_LINE_BYTES = 4096;
const PIXEL_BYTES = 4;

/** EXIF's number for the order of rows and columns: the axis of the rows, and then the one along a row. */
const ORIENTATIONS: Readonly<Record<string, number>> = {
  '-Y+X': 1,
  '-Y-X': 2,
  '+Y-X': 3,
  '+Y+X': 4,
  '+X-Y': 5,
  '-X-Y': 6,
  '-X+Y': 7,
  '+X+Y': 8,
};

const SIZE = /^([-+][XY])\s+(\d{1,10})\s+([-+][XY])\s+(\d{1,10})\s*$/;

export const readHdr: HeaderReader = (bytes, header) => {
  Object.assign(header.encoding, { codec: 'hdr' });
  Object.assign(header.image, { pages: 1, channels: 3, hasAlpha: false });
  const at = readLines(bytes, header);
  if (at === undefined) return;
  const { text, next } = readLine(bytes, at);
  const [, rowAxis = '', rows, columnAxis = '', columns] = SIZE.exec(text) ?? [];
  const orientation = ORIENTATIONS[rowAxis + columnAxis];
  if (orientation === undefined) {
    header.warnings.push(malformed('The line of size and direction can not be read.', 'image'));
    return;
  }
  Object.assign(header.image, { storedWidth: Number(columns), storedHeight: Number(rows), orientation });
  describePixels(bytes, next, header);
};

/** Up to the empty line. Returns where the next line begins; undefined where there are too many. */
function readLines(bytes: Bytes, header: Header): number | undefined {
  const texts: [string, string][] = [];
  let at = readLine(bytes, 0).next;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const { text, next } = readLine(bytes, at);
    at = next;
    if (text.trim() === '') return at;
    describeLine(text, texts, header);
    if (texts.length > 0) header.blocks.texts = texts;
  }
  header.warnings.push(walkLimit('lines'));
  return undefined;
}

/** Name and value, a comment, or the command that made the picture. */
function describeLine(line: string, texts: [string, string][], header: Header): void {
  const equals = line.indexOf('=');
  const [name, value] = [line.slice(0, equals).trim(), line.slice(equals + 1).trim()];
  if (line.startsWith('#')) texts.push(['Comment', line.slice(1).trim()]);
  else if (equals < 0 || /\s/.test(name)) texts.push(['Command', line.trim()]);
  else if (name === 'FORMAT') describeFormat(value, header);
  else texts.push([name, value]);
}

function describeFormat(value: string, header: Header): void {
  const isXyz = value === '32-bit_rle_xyze';
  if (!isXyz && value !== '32-bit_rle_rgbe') return;
  header.encoding.profile = isXyz ? 'xyze' : 'rgbe';
  header.color.model = isXyz ? 'xyz' : 'rgb';
  // Values are proportional to radiance.
  header.color.transfer = 'linear';
}

/** @throws EndOfBytes where the line has no end */
function readLine(bytes: Bytes, at: number): { text: string; next: number } {
  const end = bytes.find(0x0a, at);
  if (end < 0) bytes.need(bytes.length, 1);
  return { text: bytes.latin1(at, Math.min(end - at, MAX_LINE_BYTES)), next: end + 1 };
}

/** Rows in the newer way begin with 2, 2 and their width; else pixels are flat or in old runs, which is told by their length. */
function describePixels(bytes: Bytes, at: number, header: Header): void {
  const { storedWidth = 0, storedHeight = 0 } = header.image;
  const flatEnd = at + storedWidth * storedHeight * PIXEL_BYTES;
  const isNew = bytes.u16(at) === 0x0202 && bytes.u16(at + 2) === storedWidth && storedWidth >= 8;
  const isFlat = !isNew && flatEnd <= bytes.length;
  Object.assign(header.compression, { method: isFlat ? 'none' : 'rle', lossless: true });
  if (isFlat) header.end = flatEnd;
}
