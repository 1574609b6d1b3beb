// TGA: a header of 18 bytes, and since version 2 a footer that leads to what the author wrote (Truevision TGA File Format
// Specification 2.0; the numbers in brackets are its fields). Little-endian.
import type { Bytes } from '../bytes.ts';
import { gammaWord } from '../cicp.ts';
import { decodeText, untilNul } from '../decode-text.ts';
import { endAt, type Header, type HeaderReader, malformed } from '../header.ts';

const HEADER_BYTES = 18;
const FOOTER_BYTES = 26;
const EXTENSION_BYTES = 495;
const SIGNATURE = 'TRUEVISION-XFILE.\0';

/** Image type (3): what the pixels are, and whether they come in runs. */
const KINDS: Readonly<Record<number, [model: 'indexed' | 'rgb' | 'gray', method: 'none' | 'rle']>> = {
  1: ['indexed', 'none'],
  2: ['rgb', 'none'],
  3: ['gray', 'none'],
  9: ['indexed', 'rle'],
  10: ['rgb', 'rle'],
  11: ['gray', 'rle'],
};

export const readTga: HeaderReader = (bytes, header) => {
  header.encoding.codec = 'tga';
  header.image.pages = 1;
  const [idBytes, kindCode] = [bytes.u8(0), bytes.u8(2)];
  const kind = KINDS[kindCode];
  if (kind === undefined) {
    header.warnings.push(malformed(`No image type has the number ${kindCode}.`, 'image'));
    return;
  }
  const [model, method] = kind;
  header.color.model = model;
  Object.assign(header.compression, { method, lossless: true });
  header.image.storedWidth = bytes.u16(12, true);
  header.image.storedHeight = bytes.u16(14, true);
  const [pixelBits, descriptor] = [bytes.u8(16), bytes.u8(17)];
  describeSamples(model, pixelBits, descriptor & 0x0f, header);
  const map = readColorMap(bytes, model, header);
  const pixels = HEADER_BYTES + idBytes + map;
  describeEnd(bytes, pixels, pixelBits, header);
  const texts = idBytes > 0 ? [['ImageID', readText(bytes, HEADER_BYTES, idBytes)]] : [];
  header.blocks.texts = texts.filter((text): text is [string, string] => text[1] !== '');
  readFooter(bytes, header);
  if (header.blocks.texts.length === 0) delete header.blocks.texts;
};

/** Pixel depth (5.5), and in the descriptor (5.6) how many bits of it are attributes. Of 16 bits five belong to each colour. */
function describeSamples(model: string, pixelBits: number, attributeBits: number, header: Header): void {
  const hasAlpha = attributeBits > 0;
  const alpha = hasAlpha ? 1 : 0;
  header.image.hasAlpha = hasAlpha;
  if (model === 'indexed') {
    Object.assign(header.image, { bitDepth: pixelBits, channels: 1 });
    return;
  }
  if (model === 'gray') {
    const isWithAlpha = pixelBits === 16 && attributeBits === 8;
    Object.assign(header.image, {
      bitDepth: isWithAlpha ? 8 : pixelBits,
      channels: isWithAlpha ? 2 : 1,
      hasAlpha: isWithAlpha,
    });
    return;
  }
  const isKnown = [15, 16, 24, 32].includes(pixelBits);
  if (isKnown) Object.assign(header.image, { bitDepth: pixelBits < 24 ? 5 : 8, channels: 3 + alpha });
  else header.warnings.push(malformed(`A pixel can not have ${pixelBits} bits.`, 'image.bitDepth'));
}

/** Colour map specification (4). A picture in true colours may have one and not use it. Returns its bytes. */
function readColorMap(bytes: Bytes, model: string, header: Header): number {
  if (bytes.u8(1) !== 1) return 0;
  const [size, entryBits] = [bytes.u16(5, true), bytes.u8(7)];
  if (model === 'indexed') header.color.palette = { size };
  return size * Math.ceil(entryBits / 8);
}

/** The end of runs only their walk would tell; but the footer is the end of the file wherever there is one. */
function describeEnd(bytes: Bytes, pixels: number, pixelBits: number, header: Header): void {
  const { storedWidth = 0, storedHeight = 0 } = header.image;
  if (header.compression.method !== 'none') return;
  endAt(header, bytes, pixels + storedWidth * storedHeight * Math.ceil(pixelBits / 8));
}

function readFooter(bytes: Bytes, header: Header): void {
  const footer = bytes.length - FOOTER_BYTES;
  if (footer < HEADER_BYTES || !bytes.is(SIGNATURE, footer + 8)) return;
  header.formatVersion = '2.0';
  header.end = bytes.length;
  const extension = bytes.u32(footer, true);
  if (extension === 0) return;
  if (bytes.has(extension, EXTENSION_BYTES)) readExtension(bytes, extension, header);
  else header.warnings.push(malformed('The extension area lies outside of the file.'));
}

/** Extension area: author (11), comments (12), date (13), job (14), program (16, 17), gamma (20), kind of the attributes (24). */
function readExtension(bytes: Bytes, at: number, header: Header): void {
  const comments = [0, 1, 2, 3].map((line) => readText(bytes, at + 43 + 81 * line, 81));
  const found: [string, string][] = [
    ['Author', readText(bytes, at + 2, 41)],
    ['Comment', comments.join('\n').trim()],
    ['Date', readDate(bytes, at + 367)],
    ['JobName', readText(bytes, at + 379, 41)],
    ['Software', readSoftware(bytes, at + 426)],
  ];
  header.blocks.texts = [...(header.blocks.texts ?? []), ...found.filter(([, text]) => text !== '')];
  const [numerator, denominator] = [bytes.u16(at + 478, true), bytes.u16(at + 480, true)];
  if (denominator !== 0 && numerator !== 0) header.color.transfer = gammaWord(numerator / denominator);
  // 0 to 2: there is no alpha, or whatever the attribute bits are, it is not that.
  if (bytes.u8(at + 494) < 3) describeWithoutAlpha(header);
}

function describeWithoutAlpha({ image }: Header): void {
  if (image.hasAlpha === true && image.channels !== undefined && image.channels > 1) image.channels -= 1;
  image.hasAlpha = false;
}

function readText(bytes: Bytes, at: number, length: number): string {
  return decodeText(untilNul(bytes.slice(at, length))).trim();
}

/** Month, day, year, hour, minute, second; all 0 where nobody filled them in. */
function readDate(bytes: Bytes, at: number): string {
  const [month = 0, day = 0, year = 0, ...time] = [0, 1, 2, 3, 4, 5].map((index) =>
    bytes.u16(at + 2 * index, true),
  );
  if (year === 0) return '';
  const two = (number: number) => String(number).padStart(2, '0');
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${time.map(two).join(':')}`;
}

/** The version is a hundredfold number and a letter. */
function readSoftware(bytes: Bytes, at: number): string {
  const [name, version] = [readText(bytes, at, 41), bytes.u16(at + 41, true)];
  const letter = readText(bytes, at + 43, 1);
  return version === 0 ? name : `${name} ${(version / 100).toFixed(2)}${letter}`.trim();
}
