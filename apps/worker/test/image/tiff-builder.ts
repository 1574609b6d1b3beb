// Writes TIFF streams for tests: directories of fields, classic or BigTIFF, in either byte order.

export const BYTE = 1;
export const ASCII = 2;
export const SHORT = 3;
export const LONG = 4;
export const RATIONAL = 5;
export const UNDEFINED = 7;
export const SRATIONAL = 10;
export const DOUBLE = 12;
export const LONG8 = 16;

export type Value =
  | readonly number[]
  | string
  | Uint8Array
  /** The offsets of directories that are written behind. */
  | { directories: readonly (readonly Field[])[] }
  /** The offset of bytes that are written behind. */
  | { data: Uint8Array };

/** Of a rational, two numbers make one value. */
export type Field = readonly [tag: number, type: number, value: Value];

export interface TiffOptions {
  littleEndian?: boolean;
  big?: boolean;
  magic?: number;
  /** Written right behind the header. */
  behindHeader?: string;
}

const TYPE_BYTES: Readonly<Record<number, number>> = {
  ...{
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
  },
  129: 1,
};

interface Writer {
  buffer: Buffer;
  end: number;
  littleEndian: boolean;
  big: boolean;
}

export function tiff(pages: readonly (readonly Field[])[], options: TiffOptions = {}): Buffer {
  const { littleEndian = true, big = false, magic = big ? 43 : 42, behindHeader = '' } = options;
  const writer: Writer = { buffer: Buffer.alloc(1 << 20), end: big ? 16 : 8, littleEndian, big };
  writer.buffer.write(littleEndian ? 'II' : 'MM', 'latin1');
  put(writer, 2, 2, magic);
  if (big) put(writer, 4, 2, 8);
  writer.end += writer.buffer.write(behindHeader, writer.end, 'latin1');
  let pointerAt = big ? 8 : 4;
  for (const page of pages) {
    put(writer, pointerAt, big ? 8 : 4, even(writer));
    pointerAt = writeDirectory(writer, page);
  }
  return Buffer.from(writer.buffer.subarray(0, writer.end));
}

function even(writer: Writer): number {
  writer.end += writer.end % 2;
  return writer.end;
}

/** Answers where the offset of the next directory belongs. */
function writeDirectory(writer: Writer, fields: readonly Field[]): number {
  const { big } = writer;
  const [countBytes, entryBytes, offsetBytes] = big ? [8, 20, 8] : [2, 12, 4];
  const at = even(writer);
  const nextAt = at + countBytes + fields.length * entryBytes;
  writer.end = nextAt + offsetBytes;
  put(writer, at, countBytes, fields.length);
  for (const [index, field] of fields.entries())
    writeField(writer, at + countBytes + index * entryBytes, field);
  return nextAt;
}

function writeField(writer: Writer, at: number, [tag, type, value]: Field): void {
  const offsetBytes = writer.big ? 8 : 4;
  const bytes = encode(writer, type, value);
  put(writer, at, 2, tag);
  put(writer, at + 2, 2, type);
  put(writer, at + 4, offsetBytes, bytes.length / (TYPE_BYTES[type] ?? 1));
  const valueAt = at + 4 + offsetBytes;
  if (bytes.length <= offsetBytes) bytes.copy(writer.buffer, valueAt);
  else put(writer, valueAt, offsetBytes, append(writer, bytes));
}

function append(writer: Writer, bytes: Uint8Array): number {
  const at = even(writer);
  writer.buffer.set(bytes, at);
  writer.end = at + bytes.length;
  return at;
}

function encode(writer: Writer, type: number, value: Value): Buffer {
  if (typeof value === 'string') return Buffer.from(`${value}\0`);
  if (value instanceof Uint8Array) return Buffer.from(value);
  if ('data' in value) return encode(writer, type, [append(writer, value.data)]);
  if ('directories' in value) {
    const offsets = value.directories.map((fields) => {
      const at = even(writer);
      writeDirectory(writer, fields);
      return at;
    });
    return encode(writer, type, offsets);
  }
  const isRational = type === RATIONAL || type === SRATIONAL;
  const size = isRational ? 4 : (TYPE_BYTES[type] ?? 1);
  const scratch: Writer = { ...writer, buffer: Buffer.alloc(value.length * size) };
  for (const [index, number] of value.entries()) {
    if (type === DOUBLE)
      scratch.buffer[writer.littleEndian ? 'writeDoubleLE' : 'writeDoubleBE'](number, index * 8);
    else put(scratch, index * size, size, number);
  }
  return scratch.buffer;
}

/** Negative numbers as their two's complement. */
function put({ buffer, littleEndian }: Writer, at: number, size: number, value: number): void {
  const unsigned = BigInt.asUintN(size * 8, BigInt(value));
  for (let index = 0; index < size; index += 1) {
    const shift = 8n * BigInt(littleEndian ? index : size - 1 - index);
    buffer[at + index] = Number((unsigned >> shift) & 0xffn);
  }
}
