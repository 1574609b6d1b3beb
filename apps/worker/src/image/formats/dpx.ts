// DPX: a header of fixed places, big-endian or little-endian as its first word shows (SMPTE ST 268-1:2014, 5).
import type { Bytes } from '../bytes.ts';
import type { Header, HeaderReader } from '../header.ts';

const VERSION_AT = 8;
const VERSION_BYTES = 8;
const FILE_BYTES_AT = 16;
const ELEMENTS_AT = 770;
/** The first picture element: its samples, transfer, depth, packing, coding. */
const ELEMENT_AT = 780;
const UNDEFINED = 0xffffffff;

interface Samples {
  channels: number;
  model: string;
  hasAlpha: boolean;
  chromaSubsampling?: string;
}

/** Table 1 of the standard: descriptors. */
const SAMPLES: Readonly<Record<number, Samples>> = {
  6: { channels: 1, model: 'gray', hasAlpha: false },
  50: { channels: 3, model: 'rgb', hasAlpha: false },
  51: { channels: 4, model: 'rgb', hasAlpha: true },
  52: { channels: 4, model: 'rgb', hasAlpha: true },
  100: { channels: 3, model: 'ycbcr', hasAlpha: false, chromaSubsampling: '4:2:2' },
  101: { channels: 4, model: 'ycbcr', hasAlpha: true, chromaSubsampling: '4:2:2' },
  102: { channels: 3, model: 'ycbcr', hasAlpha: false, chromaSubsampling: '4:4:4' },
  103: { channels: 4, model: 'ycbcr', hasAlpha: true, chromaSubsampling: '4:4:4' },
};

export const readDpx: HeaderReader = (bytes, header) => {
  const littleEndian = bytes.is('XPDS');
  const u32 = (at: number) => bytes.u32(at, littleEndian);
  header.formatVersion = bytes.latin1(VERSION_AT, VERSION_BYTES).replace(/\0.*$/s, '');
  header.encoding.byteOrder = littleEndian ? 'little-endian' : 'big-endian';
  header.encoding.codec = 'dpx';
  header.image.pages = 1;
  header.image.storedWidth = u32(ELEMENTS_AT + 2) || undefined;
  header.image.storedHeight = u32(ELEMENTS_AT + 6) || undefined;
  // Further elements are further samples of the same picture.
  if (bytes.u16(ELEMENTS_AT, littleEndian) === 1) describeElement(bytes, littleEndian, header);
  const fileBytes = u32(FILE_BYTES_AT);
  if (fileBytes === UNDEFINED || fileBytes <= ELEMENT_AT) return;
  if (fileBytes > bytes.length) header.truncated = true;
  else header.end = fileBytes;
};

function describeElement(bytes: Bytes, littleEndian: boolean, header: Header): void {
  const { image, color, encoding, compression } = header;
  const samples = SAMPLES[bytes.u8(ELEMENT_AT + 20)];
  if (samples !== undefined) {
    image.channels = samples.channels;
    image.hasAlpha = samples.hasAlpha;
    color.model = samples.model;
    encoding.chromaSubsampling = samples.chromaSubsampling;
  }
  image.bitDepth = bytes.u8(ELEMENT_AT + 23) || undefined;
  const method = ['none', 'rle'][bytes.u16(ELEMENT_AT + 26, littleEndian)];
  if (method !== undefined) Object.assign(compression, { method, lossless: true });
}
