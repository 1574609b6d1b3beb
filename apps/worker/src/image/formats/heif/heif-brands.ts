// Brands of the ftyp box and the media types they stand for (ISO/IEC 23008-12, 10 and annexes B to E;
// ISO/IEC 15444-16; AVIF 1.1, 6 and 8).
import type { Bytes } from '../../bytes.ts';
import { MAX_STEPS } from '../../header.ts';
import { type Box, fieldsOf } from '../boxes.ts';

const MEDIA_TYPES: Partial<Record<string, string>> = {
  // AVIF has registered one type for pictures and sequences.
  avif: 'image/avif',
  avis: 'image/avif',
  heic: 'image/heic',
  heix: 'image/heic',
  heim: 'image/heic',
  heis: 'image/heic',
  hevc: 'image/heic-sequence',
  hevx: 'image/heic-sequence',
  hevm: 'image/heic-sequence',
  hevs: 'image/heic-sequence',
  avci: 'image/avci',
  avcs: 'image/avcs',
  j2ki: 'image/hej2k',
  j2is: 'image/hsj2',
};

/** Any codec: other brands may say more. */
const GENERIC_TYPES: Partial<Record<string, string>> = {
  mif1: 'image/heif',
  mif2: 'image/heif',
  msf1: 'image/heif-sequence',
};

export interface Brands {
  major: string;
  compatible: string[];
}

/** Of image sequences (23008-12, 10.2; AVIF 1.1, 6.3). */
const SEQUENCE_BRANDS = ['msf1', 'avis', 'hevc', 'hevx', 'hevm', 'hevs', 'avcs', 'j2is'];

export function hasSequence({ major, compatible }: Brands): boolean {
  return [major, ...compatible].some((brand) => SEQUENCE_BRANDS.includes(brand));
}

/** Undefined where not even the major brand is there. */
export function readBrands(bytes: Bytes, box: Box): Brands | undefined {
  if (box.body + 8 > box.end) return undefined;
  const fields = fieldsOf(bytes, box);
  const major = fields.fourCharacters();
  fields.skip(4);
  const compatible: string[] = [];
  while (fields.at + 4 <= fields.end && compatible.length < MAX_STEPS)
    compatible.push(fields.fourCharacters());
  return { major, compatible };
}

/** The major brand's type, where it has one of its own; AVIF's wherever the brand is; otherwise what the others tell. */
export function mediaTypeOf({ major, compatible }: Brands): string {
  const own = MEDIA_TYPES[major];
  if (own !== undefined) return own;
  if (compatible.includes('avif') || compatible.includes('avis')) return 'image/avif';
  const generic = GENERIC_TYPES[major];
  if (generic !== undefined) return generic;
  const other =
    compatible.find((brand) => MEDIA_TYPES[brand] !== undefined) ??
    compatible.find((brand) => GENERIC_TYPES[brand] !== undefined);
  return (other !== undefined ? (MEDIA_TYPES[other] ?? GENERIC_TYPES[other]) : undefined) ?? 'image/heif';
}
