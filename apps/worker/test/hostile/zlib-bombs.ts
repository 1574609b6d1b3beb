// Short streams that unpack to very many zeros.
import { constants, deflateRawSync } from 'node:zlib';

const BLOCK_BYTES = 1 << 20;

/** Ends at a byte and refers to nothing before it: it may stand any number of times. */
const BLOCK = deflateRawSync(Buffer.alloc(BLOCK_BYTES), { finishFlush: constants.Z_FULL_FLUSH, level: 9 });

const made = new Map<number, Buffer>();

/** A zlib stream of `count` zeros, made in a moment. */
export function zlibOfZeros(count: number): Buffer {
  const stream = made.get(count) ?? makeStream(count);
  made.set(count, stream);
  return stream;
}

function makeStream(count: number): Buffer {
  const whole = Math.floor(count / BLOCK_BYTES);
  const rest = deflateRawSync(Buffer.alloc(count % BLOCK_BYTES), { level: 9 });
  // Adler-32 of zeros: the first half stays 1, the second counts it (RFC 1950, 9).
  const checksum = Buffer.from([(count % 65_521) >> 8, (count % 65_521) & 0xff, 0, 1]);
  return Buffer.concat([
    Buffer.from([0x78, 0xda]),
    Buffer.alloc(BLOCK.length * whole, BLOCK),
    rest,
    checksum,
  ]);
}
