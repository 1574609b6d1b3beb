// OpenEXR: the headers of its parts, of which the first is described (OpenEXR File Layout; Standard Attributes). Stored is the data
// window; what is shown is the display window.
import type { Bytes } from '../bytes.ts';
import { type Header, type HeaderReader, MAX_STEPS, malformed, walkLimit } from '../header.ts';
import { round } from '../round.ts';
import { type Attribute, attributes, type Channel, readChannels, readWindow } from './exr-attributes.ts';
import { subsamplingWord } from './subsampling.ts';

/** As much of one text is kept. */
const MAX_TEXT_BYTES = 8192;

const TILED = 0x200;
const DEEP = 0x800;
const MULTI_PART = 0x1000;

/** What PXR24 and B44 lose depends on the samples: PXR24 shortens floats of 32 bits, B44 packs those of 16. */
const METHODS: readonly [method: string, isLossless: (pixelTypes: readonly number[]) => boolean][] = [
  ['none', () => true],
  ['rle', () => true],
  ['zips', () => true],
  ['zip', () => true],
  ['piz', () => true],
  ['pxr24', (types) => !types.includes(FLOAT)],
  ['b44', (types) => !types.includes(HALF)],
  ['b44a', (types) => !types.includes(HALF)],
  ['dwaa', () => false],
  ['dwab', () => false],
  ['htj2k256', () => true],
  ['htj2k32', () => true],
];
const HALF = 1;
const FLOAT = 2;

/** Red, green and blue as x and y, to three places, and without white. */
const PRIMARIES: Readonly<Record<string, string>> = {
  '0.64 0.33 0.3 0.6 0.15 0.06': 'bt709',
  '0.708 0.292 0.17 0.797 0.131 0.046': 'bt2020',
  '0.68 0.32 0.265 0.69 0.15 0.06': 'display-p3',
  '0.64 0.33 0.21 0.71 0.15 0.06': 'adobe-rgb',
  '0.735 0.265 0 1 0 -0.077': 'aces-ap0',
  '0.713 0.293 0.165 0.83 0.128 0.044': 'aces-ap1',
};

/** Standard attributes that are single numbers and say something about the picture as a whole. */
const NUMBERS = new Set([
  ...['longitude', 'latitude', 'altitude', 'focus', 'expTime', 'aperture', 'isoSpeed', 'utcOffset'],
  ...['whiteLuminance', 'framesPerSecond', 'cameraCCTSetting', 'cameraTintSetting'],
]);

/** What is worked out when all attributes are known, for it needs two. */
interface Part {
  pixelTypes: number[];
  compression?: number;
  pixelAspectRatio: number;
  xDensity?: number;
  texts: [string, string][];
}

export const readExr: HeaderReader = (bytes, header) => {
  const [version, flags] = [bytes.u8(4), bytes.u32(4, true)];
  header.formatVersion = String(version);
  header.encoding.codec = 'exr';
  const isMultiPart = (flags & MULTI_PART) !== 0;
  header.encoding.process = processOf(flags);
  if (!isMultiPart) header.image.pages = 1;
  const part: Part = { pixelTypes: [], pixelAspectRatio: 1, texts: [] };
  const walk = attributes(bytes, 8);
  let step = walk.next();
  for (; step.done !== true; step = walk.next()) describeAttribute(bytes, step.value, part, header);
  finishPart(part, header);
  if (step.value === undefined)
    header.warnings.push(malformed('The attributes of the header can not be read on.'));
  else if (isMultiPart) countParts(bytes, step.value, header);
};

function processOf(flags: number): string {
  const deep = (flags & DEEP) === 0 ? '' : 'deep-';
  return (flags & MULTI_PART) !== 0
    ? `${deep}multi-part`
    : `${deep}${(flags & TILED) === 0 ? 'scanline' : 'tiled'}`;
}

/** Facts that stand alone go into the header at once, so that they stay when the file ends early. */
function describeAttribute(bytes: Bytes, attribute: Attribute, part: Part, header: Header): void {
  const { name, type, at, size } = attribute;
  if (name === 'channels' && type === 'chlist')
    describeChannels(readChannels(bytes, attribute), part, header);
  else if (name === 'dataWindow' || name === 'displayWindow') describeWindow(bytes, attribute, header);
  else if (name === 'compression' && size >= 1) part.compression = bytes.u8(at);
  else if (name === 'tiles' && size >= 8)
    header.encoding.tiling = { width: bytes.u32(at, true), height: bytes.u32(at + 4, true) };
  else if (name === 'chromaticities' && size >= 32) describePrimaries(bytes, at, header);
  else describeValue(bytes, attribute, part, header);
}

function describeValue(bytes: Bytes, { name, type, at, size }: Attribute, part: Part, header: Header): void {
  // What the kind of the part is stands in the flags too.
  if (type === 'string' && name !== 'type')
    part.texts.push([name, bytes.utf8(at, Math.min(size, MAX_TEXT_BYTES))]);
  else if (type === 'float' && size >= 4) {
    const value = bytes.f32(at, true);
    if (name === 'pixelAspectRatio' && value > 0) part.pixelAspectRatio = value;
    if (name === 'xDensity' && value > 0) part.xDensity = value;
    if (NUMBERS.has(name)) part.texts.push([name, String(Number(value.toPrecision(7)))]);
  }
  if (part.texts.length > 0) header.blocks.texts = part.texts;
}

function describeWindow(bytes: Bytes, attribute: Attribute, header: Header): void {
  const window = readWindow(bytes, attribute);
  const isData = attribute.name === 'dataWindow';
  if (window === undefined) header.warnings.push(malformed(`The ${attribute.name} is empty.`, 'image'));
  else if (isData) Object.assign(header.image, { storedWidth: window.width, storedHeight: window.height });
  else Object.assign(header.image, { displayWidth: window.width, displayHeight: window.height });
}

/** Channels of a layer have its name before theirs, with a dot. */
function describeChannels(channels: readonly Channel[], part: Part, header: Header): void {
  part.pixelTypes = channels.map(({ pixelType }) => pixelType);
  const names = new Set(channels.map(({ name }) => name.slice(name.lastIndexOf('.') + 1)));
  const bitDepth = Math.max(0, ...part.pixelTypes.map((type) => (type === HALF ? 16 : 32)));
  header.image.channels = channels.length;
  if (bitDepth > 0) header.image.bitDepth = bitDepth;
  header.image.hasAlpha = names.has('A');
  const isChroma = names.has('RY') && names.has('BY');
  if (names.has('R') && names.has('G') && names.has('B')) header.color.model = 'rgb';
  else if (names.has('Y')) header.color.model = isChroma ? 'ycbcr' : 'gray';
  const chroma = channels.find(({ name }) => name.endsWith('RY'));
  if (isChroma && chroma !== undefined)
    header.encoding.chromaSubsampling = subsamplingWord(chroma.xSampling, chroma.ySampling);
}

function describePrimaries(bytes: Bytes, at: number, header: Header): void {
  const places = [0, 1, 2, 3, 4, 5].map((index) => round(bytes.f32(at + 4 * index, true), 3));
  const primaries = PRIMARIES[places.join(' ')];
  if (primaries !== undefined) header.color.primaries = primaries;
}

function finishPart({ pixelTypes, compression, pixelAspectRatio, xDensity }: Part, header: Header): void {
  const [method, isLossless] = METHODS[compression ?? -1] ?? [];
  if (method !== undefined) Object.assign(header.compression, { method, lossless: isLossless?.(pixelTypes) });
  // Pixels to the inch across; down there are as many times more as a pixel is wider than high.
  if (xDensity !== undefined) {
    header.image.density = { x: xDensity, y: xDensity * pixelAspectRatio, unit: 'inch', source: 'exr' };
  }
}

/** One header behind the other, and an empty one behind the last ("Multi-Part"). */
function countParts(bytes: Bytes, from: number, header: Header): void {
  let at = from;
  let parts = 1;
  for (; parts <= MAX_STEPS && bytes.u8(at) !== 0; parts += 1) {
    const walk = attributes(bytes, at);
    let step = walk.next();
    while (step.done !== true) step = walk.next();
    if (step.value === undefined) return;
    at = step.value;
  }
  header.image.pages = parts;
  if (parts > MAX_STEPS) header.warnings.push(walkLimit('parts'));
}
