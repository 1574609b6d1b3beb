// The largest pictures in the fewest bytes: WebP without loss, one colour all over.
import { chunk, riff } from '../image/formats/webp/webp-builder.ts';

/** Value and how many bits it takes, the lowest first. */
type Bits = readonly [value: number, count: number];

function bits(...fields: readonly Bits[]): Buffer {
  const all = fields.flatMap(([value, count]) =>
    Array.from({ length: count }, (_, at) => Math.floor(value / 2 ** at) % 2),
  );
  const bytes = Buffer.alloc(Math.ceil(all.length / 8));
  all.forEach((bit, at) => {
    bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (bit << (at & 7));
  });
  return bytes;
}

/** A code of one symbol, which then takes no bits at all (RFC 9649, 3.7.2.1.1). */
const symbol = (value: number): Bits[] => [
  [1, 1],
  [0, 1],
  [1, 1],
  [value, 8],
];
/** No transform, no cache, no meta codes; green, red, blue, alpha, distance. */
const ONE_COLOUR: Bits[] = [[0, 3], ...[255, 0, 0, 255, 0].flatMap(symbol)];

/** The chunk alone. */
export const losslessChunk = (width: number, height: number) =>
  chunk('VP8L', [0x2f], bits([width - 1, 14], [height - 1, 14], [1, 1], [0, 3], ...ONE_COLOUR));

/** A channel of ones, compressed like a lossless picture without its header. */
export const alphaChunk = () => chunk('ALPH', [0x01], bits(...ONE_COLOUR));

export const losslessWebp = (width: number, height: number) => riff(losslessChunk(width, height));
