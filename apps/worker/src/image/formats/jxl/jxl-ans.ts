// Asymmetric numeral systems as JPEG XL uses them (ISO/IEC 18181-1, Annex C): distributions, and symbols drawn from them.
import type { JxlBits } from './jxl-bits.ts';
import type { SymbolReader } from './jxl-entropy.ts';

const TOTAL_BITS = 12;
const TOTAL = 2 ** TOTAL_BITS;

/** A distribution cut into equal buckets, each shared by at most two symbols. */
interface AliasTable {
  bucketBits: number;
  probabilities: Uint16Array;
  /** Where in a bucket its second symbol begins, which symbol that is, and what is added to the place. */
  cutoffs: Uint16Array;
  symbols: Uint16Array;
  offsets: Int32Array;
}

export function readAnsCodes(bits: JxlBits, codes: number, alphabetBits: number): SymbolReader {
  const tables = Array.from({ length: codes }, () =>
    aliasTable(readDistribution(bits, 2 ** alphabetBits), alphabetBits),
  );
  let state: number | undefined;
  return (code) => {
    const table = tables[code];
    if (table === undefined) throw new Error('a code that is not defined');
    state ??= bits.read(32);
    const place = state % TOTAL;
    const bucket = place >> table.bucketBits;
    const position = place % 2 ** table.bucketBits;
    const isSecond = position >= (table.cutoffs[bucket] ?? 0);
    const symbol = isSecond ? (table.symbols[bucket] ?? 0) : bucket;
    const offset = isSecond ? (table.offsets[bucket] ?? 0) + position : position;
    state = Math.floor(state / TOTAL) * (table.probabilities[symbol] ?? 0) + offset;
    if (state < 0x10000) state = state * 0x10000 + bits.read(16);
    return symbol;
  };
}

/** Of each symbol how many of 4096 draws give it. */
function readDistribution(bits: JxlBits, alphabet: number): Uint16Array {
  const table = new Uint16Array(alphabet);
  const isSimple = bits.flag();
  if (isSimple) readOneOrTwo(bits, table);
  else readMany(bits, table);
  return table;
}

function readMany(bits: JxlBits, table: Uint16Array): void {
  const isFlat = bits.flag();
  if (!isFlat) {
    readLogarithms(bits, table);
    return;
  }
  const symbols = within(1 + readByte(bits), table);
  for (let symbol = 0; symbol < symbols; symbol += 1) {
    table[symbol] = Math.floor(TOTAL / symbols) + (symbol < TOTAL % symbols ? 1 : 0);
  }
}

function within(symbols: number, table: Uint16Array): number {
  if (symbols > table.length) throw new Error('a distribution of too many symbols');
  return symbols;
}

function readByte(bits: JxlBits): number {
  if (!bits.flag()) return 0;
  const width = bits.read(3);
  return 2 ** width + bits.read(width);
}

function readOneOrTwo(bits: JxlBits, table: Uint16Array): void {
  const hasTwo = bits.flag();
  const first = readByte(bits);
  within(first + 1, table);
  if (!hasTwo) {
    table[first] = TOTAL;
    return;
  }
  const second = readByte(bits);
  within(second + 1, table);
  if (first === second) throw new Error('a distribution of twice the same symbol');
  const share = bits.read(TOTAL_BITS);
  table[first] = share;
  table[second] = TOTAL - share;
}

const REPEAT = 13;
const MAX_SHIFT = 13;

/** Probabilities as logarithms with some bits behind; the largest is what is left over. */
function readLogarithms(bits: JxlBits, table: Uint16Array): void {
  const shift = readShift(bits);
  const symbols = within(3 + readByte(bits), table);
  const { logarithms, repeated } = readCodes(bits, symbols);
  const largest = largestOf(logarithms, repeated);
  let left = TOTAL;
  for (let symbol = 0; symbol < symbols; symbol += 1) {
    if (symbol === largest) continue;
    const isRepeated = repeated[symbol] === 1;
    const share = isRepeated ? (table[symbol - 1] ?? 0) : readShare(bits, logarithms[symbol] ?? 0, shift);
    table[symbol] = share;
    left -= share;
  }
  if (left <= 0) throw new Error('a distribution of more than everything');
  table[largest] = left;
}

function readShift(bits: JxlBits): number {
  let width = 0;
  while (width < 3 && bits.flag()) width += 1;
  const shift = bits.read(width) + 2 ** width - 1;
  if (shift > MAX_SHIFT) throw new Error('a distribution of too many bits');
  return shift;
}

function largestOf(logarithms: Uint8Array, repeated: Uint8Array): number {
  let largest = repeated.indexOf(0);
  logarithms.forEach((logarithm, symbol) => {
    if (repeated[symbol] === 0 && logarithm > (logarithms[largest] ?? 0)) largest = symbol;
  });
  if (largest < 0 || repeated[largest + 1] === 1) throw new Error('a distribution without a largest share');
  return largest;
}

function readCodes(bits: JxlBits, symbols: number): { logarithms: Uint8Array; repeated: Uint8Array } {
  const logarithms = new Uint8Array(symbols);
  const repeated = new Uint8Array(symbols);
  for (let symbol = 0; symbol < symbols; ) {
    const code = readLogarithmCode(bits);
    if (code !== REPEAT) {
      logarithms[symbol] = code;
      symbol += 1;
      continue;
    }
    const count = readByte(bits) + 4;
    if (symbol + count > symbols) throw new Error('a distribution of too many symbols');
    repeated.fill(1, symbol, symbol + count);
    symbol += count;
  }
  return { logarithms, repeated };
}

function readShare(bits: JxlBits, logarithm: number, shift: number): number {
  if (logarithm <= 1) return logarithm;
  const width = logarithm - 1;
  const exact = Math.min(width, Math.max(0, shift - ((TOTAL_BITS - width) >> 1)));
  return 2 ** width + bits.read(exact) * 2 ** (width - exact);
}

/** What the first three bits stand for; three of their eight values go on. */
const SHORT_CODES = [10, undefined, 7, undefined, 6, 8, 9, undefined] as const;

function readLogarithmCode(bits: JxlBits): number {
  const head = bits.read(3);
  const short = SHORT_CODES[head];
  if (short !== undefined) return short;
  if (head === 3) return bits.flag() ? 1 : 3;
  if (head === 7) return bits.flag() ? 2 : 5;
  for (const code of [4, 0, 11, REPEAT]) if (bits.flag()) return code;
  return 12;
}

function aliasTable(probabilities: Uint16Array, alphabetBits: number): AliasTable {
  const size = probabilities.length;
  const bucketBits = TOTAL_BITS - alphabetBits;
  const bucket = 2 ** bucketBits;
  const symbols = new Uint16Array(size);
  const offsets = new Int32Array(size);
  const only = probabilities.indexOf(TOTAL);
  if (only >= 0) {
    offsets.forEach((_, index) => {
      offsets[index] = bucket * index;
    });
    return {
      bucketBits,
      probabilities,
      cutoffs: new Uint16Array(size),
      symbols: symbols.fill(only),
      offsets,
    };
  }
  const cutoffs = Uint16Array.from(probabilities);
  const over: number[] = [];
  const under: number[] = [];
  cutoffs.forEach((cutoff, index) => {
    if (cutoff > bucket) over.push(index);
    if (cutoff < bucket) under.push(index);
  });
  for (let donor = over.pop(), taker = under.pop(); donor !== undefined && taker !== undefined; ) {
    const left = (cutoffs[donor] ?? 0) - (bucket - (cutoffs[taker] ?? 0));
    cutoffs[donor] = left;
    symbols[taker] = donor;
    offsets[taker] = left - (cutoffs[taker] ?? 0);
    if (left < bucket) under.push(donor);
    if (left > bucket) over.push(donor);
    donor = over.pop();
    taker = under.pop();
  }
  return { bucketBits, probabilities, cutoffs, symbols, offsets };
}
