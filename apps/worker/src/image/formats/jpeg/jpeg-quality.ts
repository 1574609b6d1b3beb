// The quality that a JPEG was made with, on the scale of libjpeg, from its quantization tables.
// Tables that libjpeg made are recognised exactly; of others the nearest step of the scale is told.
import type { Bytes } from '../../bytes.ts';
import type { Frame } from './jpeg-frame.ts';

/** Quantization steps in zigzag order. */
export type QuantizationTable = Uint16Array;

const STEPS = 64;
/** Of one segment; there are four destinations. */
const MAX_TABLES = 8;

/** ITU-T T.81, table K.1, in zigzag order. */
const LUMINANCE = [
  16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58,
  51, 61, 60, 57, 51, 56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87, 95, 98, 103, 104, 103,
  62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
];
/** ITU-T T.81, table K.2, in zigzag order: all the higher frequencies have 99. */
const CHROMINANCE = [17, 18, 18, 24, 21, 24, 47, 26, 26, 47, 99, 66, 56, 66].concat(Array(50).fill(99));
const MAX_STEP_8_BIT = 255;
const MAX_STEP_16_BIT = 32767;

/** Reads the tables of a DQT segment into `tables` by their destination (T.81, B.2.4.1). @throws EndOfBytes */
export function readQuantizationTables(segment: Bytes, tables: (QuantizationTable | undefined)[]): void {
  let at = 0;
  for (let count = 0; count < MAX_TABLES && at < segment.length; count += 1) {
    const kind = segment.u8(at);
    const width = kind >> 4 === 0 ? 1 : 2;
    segment.need(at + 1, STEPS * width);
    const table = new Uint16Array(STEPS);
    for (let step = 0; step < STEPS; step += 1) {
      const stepAt = at + 1 + step * width;
      table[step] = width === 1 ? segment.u8(stepAt) : segment.u16(stepAt);
    }
    tables[kind & 3] = table;
    at += 1 + STEPS * width;
  }
}

/** 1 to 100; undefined without tables, as in lossless processes. */
export function estimateQuality(
  frame: Frame,
  tables: readonly (QuantizationTable | undefined)[],
): number | undefined {
  const [first, second] = frame.components;
  const luminance = first && tables[first.table];
  if (first === undefined || luminance === undefined) return undefined;
  const chrominance = second && second.table !== first.table ? tables[second.table] : undefined;
  return exactQuality(luminance, chrominance) ?? nearestQuality(luminance, chrominance);
}

/** jpeg_quality_scaling of libjpeg: percent that the tables of T.81 are scaled by. */
function scaleOf(quality: number): number {
  return quality < 50 ? Math.floor(5000 / quality) : 200 - quality * 2;
}

function scaled(step: number, scale: number, maxStep: number): number {
  return Math.min(Math.max(Math.floor((step * scale + 50) / 100), 1), maxStep);
}

function exactQuality(luminance: QuantizationTable, chrominance?: QuantizationTable): number | undefined {
  // Without "baseline" libjpeg writes the low qualities with steps of 16 bits.
  const maxStep = luminance.some((step) => step > MAX_STEP_8_BIT) ? MAX_STEP_16_BIT : MAX_STEP_8_BIT;
  const isScaled = (table: QuantizationTable, standard: readonly number[], scale: number) =>
    standard.every((step, index) => table[index] === scaled(step, scale, maxStep));
  for (let quality = 100; quality >= 1; quality -= 1) {
    const scale = scaleOf(quality);
    if (!isScaled(luminance, LUMINANCE, scale)) continue;
    if (chrominance === undefined || isScaled(chrominance, CHROMINANCE, scale)) return quality;
  }
  return undefined;
}

/** What a quality comes to: the sum of all steps, and the sum of two that stand for each table. */
interface Weight {
  sum: number;
  key: number;
}

/** Zigzag places of the two steps of each table that the measure of ImageMagick looks at closely. */
const LUMINANCE_KEYS = [5, 56] as const;
const CHROMINANCE_KEYS = [0, 63] as const;

function weigh(luminance: ArrayLike<number>, chrominance?: ArrayLike<number>): Weight {
  const weight = weighTable(luminance, LUMINANCE_KEYS);
  const other = chrominance && weighTable(chrominance, CHROMINANCE_KEYS);
  return { sum: weight.sum + (other?.sum ?? 0), key: weight.key + (other?.key ?? 0) };
}

function weighTable(table: ArrayLike<number>, keys: readonly [number, number]): Weight {
  let sum = 0;
  for (let step = 0; step < STEPS; step += 1) sum += table[step] ?? 0;
  return { sum, key: (table[keys[0]] ?? 0) + (table[keys[1]] ?? 0) };
}

function weightsOf(isColor: boolean): Weight[] {
  return Array.from({ length: 100 }, (_, index) => {
    const scale = scaleOf(index + 1);
    const scaledUp = (standard: number[]) => standard.map((step) => scaled(step, scale, MAX_STEP_8_BIT));
    return weigh(scaledUp(LUMINANCE), isColor ? scaledUp(CHROMINANCE) : undefined);
  });
}

const GRAY_WEIGHTS = weightsOf(false);
const COLOR_WEIGHTS = weightsOf(true);

/** The lowest quality that quantizes no more coarsely, by either measure. */
function nearestQuality(luminance: QuantizationTable, chrominance?: QuantizationTable): number {
  const { sum, key } = weigh(luminance, chrominance);
  const index = (chrominance === undefined ? GRAY_WEIGHTS : COLOR_WEIGHTS).findIndex(
    (weight) => sum >= weight.sum || key >= weight.key,
  );
  return index === -1 ? 100 : index + 1;
}
