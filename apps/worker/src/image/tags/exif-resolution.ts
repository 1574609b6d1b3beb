// Orientation and density, which EXIF took over from TIFF (TIFF 6.0, section 8; Exif 3.0, 4.6.5).
import { densityIn } from '../density.ts';
import { type Ifd, numberOf, type Tiff } from './ifd.ts';
import { TAG } from './tag-numbers.ts';

const INCH = 2;
const UNITS: Readonly<Record<number, 'inch' | 'centimetre'>> = { [INCH]: 'inch', 3: 'centimetre' };

export function orientationOf(tiff: Tiff, ifd: Ifd): number | undefined {
  const value = numberOf(tiff, ifd, TAG.ORIENTATION);
  return value !== undefined && Number.isInteger(value) && value >= 1 && value <= 8 ? value : undefined;
}

/** Pixels per inch; undefined where the file states none, or none that is a length (unit 1: a ratio only). */
export function densityOf(tiff: Tiff, ifd: Ifd): { x: number; y: number } | undefined {
  const x = numberOf(tiff, ifd, TAG.X_RESOLUTION) ?? 0;
  const y = numberOf(tiff, ifd, TAG.Y_RESOLUTION) ?? x;
  const unit = UNITS[numberOf(tiff, ifd, TAG.RESOLUTION_UNIT) ?? INCH];
  return unit && densityIn(unit, x, y);
}
