// Entropy-coded numbers of JPEG XL (ISO/IEC 18181-1, Annex C): contexts share codes, symbols stand for numbers, runs repeat.
import { readAnsCodes } from './jxl-ans.ts';
import { bitsBelow, type JxlBits } from './jxl-bits.ts';
import { readPrefixCodes } from './jxl-prefix.ts';

/** Reads the next number of a context. @throws EndOfBytes */
export type NumberReader = (context: number) => number;
/** Reads the next symbol of a code. */
export type SymbolReader = (code: number) => number;

/** How a symbol stands for a number: as itself below `split`, above it with more bits behind. */
interface IntegerCode {
  splitExponent: number;
  highBits: number;
  lowBits: number;
}

interface Repeats {
  firstSymbol: number;
  minimumLength: number;
  lengthCode: IntegerCode;
}

const MAX_CODES = 256;
const LENGTH_ALPHABET_BITS = 8;
const PREFIX_ALPHABET_BITS = 15;

/** The codes of that many contexts, which stand before the numbers themselves. */
export function readEntropyCode(bits: JxlBits, contexts: number, mayRepeat = true): NumberReader {
  const repeats = bits.flag() ? readRepeats(bits) : undefined;
  // Otherwise codes of codes could be nested for ever.
  if (repeats !== undefined && !mayRepeat) throw new Error('repeats where none are allowed');
  const codeOf = readClusters(bits, repeats === undefined ? contexts : contexts + 1);
  const codes = Math.max(...codeOf) + 1;
  if (codes > codeOf.length) throw new Error('more codes than contexts');
  const isPrefix = bits.flag();
  const alphabetBits = isPrefix ? PREFIX_ALPHABET_BITS : 5 + bits.read(2);
  const integers = Array.from({ length: codes }, () => readIntegerCode(bits, alphabetBits));
  const symbol = isPrefix ? readPrefixCodes(bits, codes) : readAnsCodes(bits, codes, alphabetBits);
  const number = (code: number) => readNumber(bits, integers[code], symbol(code));
  const lookUp = (context: number) => codeOf[context] ?? 0;
  if (repeats === undefined) return (context) => number(lookUp(context));
  return withRepeats(bits, repeats, { symbol, integers, lookUp, distanceCode: lookUp(contexts) });
}

function readRepeats(bits: JxlBits): Repeats {
  const firstSymbol = bits.u32([224], [512], [4096], [8, 15]);
  const minimumLength = bits.u32([3], [4], [5, 2], [9, 8]);
  return { firstSymbol, minimumLength, lengthCode: readIntegerCode(bits, LENGTH_ALPHABET_BITS) };
}

function readIntegerCode(bits: JxlBits, alphabetBits: number): IntegerCode {
  const splitExponent = bits.read(bitsBelow(alphabetBits + 1));
  if (splitExponent === alphabetBits) return { splitExponent, highBits: 0, lowBits: 0 };
  const highBits = bits.read(bitsBelow(splitExponent + 1));
  if (highBits > splitExponent) throw new Error('an integer code of too many bits');
  const lowBits = bits.read(bitsBelow(splitExponent - highBits + 1));
  if (highBits + lowBits > splitExponent) throw new Error('an integer code of too many bits');
  return { splitExponent, highBits, lowBits };
}

function readNumber(bits: JxlBits, integer: IntegerCode | undefined, symbol: number): number {
  if (integer === undefined) throw new Error('a code that is not defined');
  const { splitExponent, highBits, lowBits } = integer;
  if (symbol < 2 ** splitExponent) return symbol;
  const count = splitExponent - highBits - lowBits + ((symbol - 2 ** splitExponent) >> (highBits + lowBits));
  if (count > 32) throw new Error('a number of more than 32 bits');
  const low = symbol % 2 ** lowBits;
  const high = (1 << highBits) + ((symbol >> lowBits) % 2 ** highBits);
  return (high * 2 ** count + bits.read(count)) * 2 ** lowBits + low;
}

/** Which code each context uses. */
function readClusters(bits: JxlBits, contexts: number): number[] {
  if (contexts === 1) return [0];
  const isSimple = bits.flag();
  if (isSimple) {
    const width = bits.read(2);
    return Array.from({ length: contexts }, () => bits.read(width));
  }
  const movesToFront = bits.flag();
  const read = readEntropyCode(bits, 1, contexts > 2);
  const codeOf = Array.from({ length: contexts }, () => read(0));
  if (codeOf.some((code) => code >= MAX_CODES)) throw new Error('too many codes');
  if (!movesToFront) return codeOf;
  const order = Array.from({ length: MAX_CODES }, (_, code) => code);
  return codeOf.map((place) => {
    const [code = 0] = order.splice(place, 1);
    order.unshift(code);
    return code;
  });
}

interface Codes {
  symbol: SymbolReader;
  integers: readonly IntegerCode[];
  lookUp: (context: number) => number;
  distanceCode: number;
}

const MAX_DISTANCE = 2 ** 20;

/** Numbers of which some are repeated from before. */
function withRepeats(
  bits: JxlBits,
  repeats: Repeats,
  { symbol, integers, lookUp, distanceCode }: Codes,
): NumberReader {
  const seen: number[] = [];
  let toCopy = 0;
  let from = 0;
  return (context) => {
    if (toCopy === 0) {
      const code = lookUp(context);
      const token = symbol(code);
      if (token < repeats.firstSymbol) {
        const number = readNumber(bits, integers[code], token);
        seen.push(number);
        return number;
      }
      toCopy = readNumber(bits, repeats.lengthCode, token - repeats.firstSymbol) + repeats.minimumLength;
      const distance = readNumber(bits, integers[distanceCode], symbol(distanceCode)) + 1;
      from = seen.length - Math.min(distance, seen.length, MAX_DISTANCE);
    }
    toCopy -= 1;
    const number = seen[from] ?? 0;
    from += 1;
    seen.push(number);
    return number;
  };
}
