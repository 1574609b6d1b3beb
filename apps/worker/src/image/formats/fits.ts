// FITS: cards of 80 characters, "KEYWORD = value / comment", up to END (FITS Standard 4.0, 3.3 and 4.4).
import type { Bytes } from '../bytes.ts';
import { type Header, type HeaderReader, malformed, walkLimit } from '../header.ts';

const CARD_BYTES = 80;
const NAME_BYTES = 8;
/** Headers of instruments have hundreds of cards; the size stands in the first ten. */
const MAX_CARDS = 2000;
const BLOCK_BYTES = 2880;

const CARD = /^= +([^\s/]+)/;

export const readFits: HeaderReader = (bytes, header) => {
  const values = readCards(bytes, header);
  if (values === undefined) return;
  const value = (name: string) => values.get(name);
  const [axes = 0, width, height, depth = 1] = ['NAXIS', 'NAXIS1', 'NAXIS2', 'NAXIS3'].map(value);
  if (axes < 2 || !isLength(width) || !isLength(height)) {
    // The picture stands in an extension behind a primary part without data; or there are tables alone.
    header.warnings.push(malformed('The primary part of the file has no picture.', 'image'));
    return;
  }
  const { image, color, compression, encoding } = header;
  Object.assign(image, {
    storedWidth: width,
    storedHeight: height,
    bitDepth: Math.abs(value('BITPIX') ?? 0) || undefined,
  });
  // What a third axis is for, its planes do not say: colours, times, or wavelengths.
  if (axes === 2 || depth === 1) Object.assign(image, { channels: 1, pages: 1, hasAlpha: false });
  if (image.channels === 1) color.model = 'gray';
  Object.assign(encoding, { codec: 'fits', byteOrder: 'big-endian' });
  Object.assign(compression, { method: 'none', lossless: true });
};

function isLength(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value > 0;
}

/** The numbers, by their keyword; of text and logical values nothing. Undefined where there is no END. */
function readCards(bytes: Bytes, header: Header): Map<string, number> | undefined {
  const values = new Map<string, number>();
  for (let index = 0; index < MAX_CARDS; index += 1) {
    const name = bytes.latin1(index * CARD_BYTES, NAME_BYTES).trimEnd();
    if (name === 'END') {
      describeExtent(bytes, (index + 1) * CARD_BYTES, values, header);
      return values;
    }
    const text = CARD.exec(bytes.latin1(index * CARD_BYTES + NAME_BYTES, CARD_BYTES - NAME_BYTES))?.[1];
    if (text !== undefined && Number.isFinite(Number(text))) values.set(name, Number(text));
  }
  header.warnings.push(walkLimit('cards'));
  return undefined;
}

/** Header and data fill whole blocks; what is behind them may be extensions. */
function describeExtent(
  bytes: Bytes,
  headerBytes: number,
  values: Map<string, number>,
  header: Header,
): void {
  const axes = Math.min(values.get('NAXIS') ?? 0, 9);
  let dataBytes = Math.abs(values.get('BITPIX') ?? 0) / 8;
  for (let axis = 1; axis <= axes; axis += 1) dataBytes *= values.get(`NAXIS${axis}`) ?? 0;
  const dataAt = Math.ceil(headerBytes / BLOCK_BYTES) * BLOCK_BYTES;
  if (axes > 0 && dataAt + dataBytes > bytes.length) header.truncated = true;
}
