// Prefix codes of JPEG XL, which are those of Brotli (ISO/IEC 18181-1, Annex C; RFC 7932, 3.2 to 3.5).
import { bitsBelow, type JxlBits } from './jxl-bits.ts';
import type { SymbolReader } from './jxl-entropy.ts';

/** A canonical code: how many symbols there are of each length, and the symbols in the order of their codes. */
interface PrefixCode {
  counts: Uint16Array;
  symbols: Uint16Array;
}

const MAX_LENGTH = 15;
const MAX_ALPHABET = 2 ** 15;

export function readPrefixCodes(bits: JxlBits, codes: number): SymbolReader {
  const alphabets = Array.from({ length: codes }, () => readAlphabetSize(bits));
  const tables = alphabets.map((size) => (size === 1 ? SINGLE : readPrefixCode(bits, size)));
  return (code) => readSymbol(bits, tables[code] ?? SINGLE);
}

function readAlphabetSize(bits: JxlBits): number {
  if (!bits.flag()) return 1;
  const exponent = bits.read(4);
  const size = 1 + 2 ** exponent + bits.read(exponent);
  if (size > MAX_ALPHABET) throw new Error('an alphabet of too many symbols');
  return size;
}

const SINGLE: PrefixCode = { counts: Uint16Array.of(1), symbols: Uint16Array.of(0) };

function singleSymbol(symbol: number): PrefixCode {
  return { counts: Uint16Array.of(1), symbols: Uint16Array.of(symbol) };
}

function readSymbol(bits: JxlBits, { counts, symbols }: PrefixCode): number {
  if (counts.length === 1) return symbols[0] ?? 0;
  let code = 0;
  let first = 0;
  let index = 0;
  for (let length = 1; length <= MAX_LENGTH; length += 1) {
    code += bits.read(1);
    const count = counts[length] ?? 0;
    if (code - first < count) return symbols[index + code - first] ?? 0;
    index += count;
    first = (first + count) * 2;
    code *= 2;
  }
  throw new Error('no symbol has this prefix code');
}

/** @param lengths of the code of each symbol; 0: it has none */
function fromLengths(lengths: Uint8Array): PrefixCode {
  const counts = new Uint16Array(MAX_LENGTH + 1);
  let space = 2 ** MAX_LENGTH;
  for (const length of lengths) {
    if (length === 0) continue;
    counts[length] = (counts[length] ?? 0) + 1;
    space -= 2 ** (MAX_LENGTH - length);
  }
  if (space !== 0) throw new Error('a prefix code that does not fit');
  const next = new Uint16Array(MAX_LENGTH + 2);
  for (let length = 1; length <= MAX_LENGTH; length += 1)
    next[length + 1] = (next[length] ?? 0) + (counts[length] ?? 0);
  const symbols = new Uint16Array(next[MAX_LENGTH + 1] ?? 0);
  lengths.forEach((length, symbol) => {
    if (length === 0) return;
    const place = next[length] ?? 0;
    symbols[place] = symbol;
    next[length] = place + 1;
  });
  return { counts, symbols };
}

function readPrefixCode(bits: JxlBits, alphabet: number): PrefixCode {
  const skipped = bits.read(2);
  return skipped === 1 ? readSimpleCode(bits, alphabet) : readComplexCode(bits, alphabet, skipped);
}

/** Code lengths of up to four symbols that are listed; the last of four with a shape to choose. */
const SHAPES = [[0], [1, 1], [1, 2, 2], [2, 2, 2, 2], [1, 2, 3, 3]] as const;

function readSimpleCode(bits: JxlBits, alphabet: number): PrefixCode {
  const last = bits.read(2);
  const symbols = Array.from({ length: last + 1 }, () => bits.read(bitsBelow(alphabet)));
  if (symbols.some((symbol) => symbol >= alphabet)) throw new Error('a symbol outside of the alphabet');
  if (last === 0) return singleSymbol(symbols[0] ?? 0);
  const shape = SHAPES[last === 3 && bits.flag() ? 4 : last] ?? SHAPES[1];
  const lengths = new Uint8Array(alphabet);
  symbols.forEach((symbol, index) => {
    lengths[symbol] = shape[index] ?? 0;
  });
  return fromLengths(lengths);
}

/** In which order the lengths of the code for lengths are written. */
const LENGTH_ORDER = [1, 2, 3, 4, 0, 5, 17, 6, 16, 7, 8, 9, 10, 11, 12, 13, 14, 15] as const;
const REPEAT_LAST = 16;

function readComplexCode(bits: JxlBits, alphabet: number, skipped: number): PrefixCode {
  const lengthCode = readLengthCode(bits, skipped);
  const lengths = new Uint8Array(alphabet);
  let space = 2 ** MAX_LENGTH;
  let lastLength = 8;
  const repeat = { length: 0, count: 0 };
  for (let symbol = 0; symbol < alphabet && space > 0; ) {
    const token = readSymbol(bits, lengthCode);
    if (token < REPEAT_LAST) {
      lengths[symbol] = token;
      symbol += 1;
      repeat.count = 0;
      if (token === 0) continue;
      lastLength = token;
      space -= 2 ** (MAX_LENGTH - token);
      continue;
    }
    const length = token === REPEAT_LAST ? lastLength : 0;
    const added = readRepeat(bits, token, length, repeat);
    if (symbol + added > alphabet) throw new Error('a prefix code of too many symbols');
    lengths.fill(length, symbol, symbol + added);
    symbol += added;
    if (length > 0) space -= added * 2 ** (MAX_LENGTH - length);
  }
  return fromLengths(lengths);
}

/** A repeat that follows another of the same length multiplies it (RFC 7932, 3.5). */
function readRepeat(
  bits: JxlBits,
  token: number,
  length: number,
  repeat: { length: number; count: number },
): number {
  const width = token === REPEAT_LAST ? 2 : 3;
  if (repeat.length !== length) {
    repeat.length = length;
    repeat.count = 0;
  }
  const before = repeat.count;
  const carried = before === 0 ? 0 : (before - 2) * 2 ** width;
  repeat.count = carried + bits.read(width) + 3;
  return repeat.count - before;
}

function readLengthCode(bits: JxlBits, skipped: number): PrefixCode {
  const lengths = new Uint8Array(LENGTH_ORDER.length);
  let space = 32;
  let used = 0;
  let lastUsed = 0;
  for (const symbol of LENGTH_ORDER.slice(skipped)) {
    if (space <= 0) break;
    const length = readLengthOfLength(bits);
    lengths[symbol] = length;
    if (length === 0) continue;
    space -= 32 >> length;
    used += 1;
    lastUsed = symbol;
  }
  return used === 1 ? singleSymbol(lastUsed) : fromLengths(lengths);
}

function readLengthOfLength(bits: JxlBits): number {
  const length = bits.u32([0], [4], [3], [2]);
  if (length !== 2 || !bits.flag()) return length;
  return bits.flag() ? 5 : 1;
}
