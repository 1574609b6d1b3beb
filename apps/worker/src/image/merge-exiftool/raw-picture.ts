// The sensor's picture in a camera's raw file, among the previews that lie beside it.
import { known } from '../known.ts';
import type { ExifToolFacts } from './facts.ts';
import { type Size, sizeOf } from './stated-picture.ts';

export interface RawPicture {
  stored?: Size;
  /** Without the sensor's borders; not yet turned. */
  shown?: Size;
  bitDepth?: number;
}

/** Directories that are looked at, of the same kind as IFD0. */
const DIRECTORY = /^(Sub)?IFD\d{0,2}$/;
/** NewSubfileType 0: the full picture, not a preview (TIFF 6.0, section 8; TIFF/EP, 5.2). Some cameras say nothing. */
const FULL_PICTURE = 0;

/** Fujifilm: with the sensor's borders, and without. Panasonic: the sensor. */
const OTHER_SIZES: readonly { size: readonly string[]; depth?: string }[] = [
  { size: ['RAF:RawImageFullSize'] },
  { size: ['RAF2:RawImageFullSize'] },
  { size: ['RAF:RawImageCroppedSize'] },
  { size: ['IFD0:SensorWidth', 'IFD0:SensorHeight'], depth: 'IFD0:BitsPerSample' },
  { size: ['Composite:ImageSize'] },
];

/** The largest picture that is no preview. */
export function rawPictureOf(facts: ExifToolFacts): RawPicture {
  const found = [...fullPictures(facts), ...otherSizes(facts)];
  const [largest] = found.sort((a, b) => area(b.stored) - area(a.stored));
  return largest === undefined ? {} : known({ ...largest, shown: shownOf(largest.stored, facts) });
}

interface Found {
  stored: Size;
  bitDepth?: number;
}

function fullPictures(facts: ExifToolFacts): Found[] {
  const groups = new Set(facts.tags.map(({ group }) => group).filter((group) => DIRECTORY.test(group)));
  return [...groups].flatMap((group) => {
    const kind = facts.number(`${group}:SubfileType`) ?? FULL_PICTURE;
    const stored = sizeOf([facts.number(`${group}:ImageWidth`), facts.number(`${group}:ImageHeight`)]);
    if (kind !== FULL_PICTURE || stored === undefined) return [];
    const [bitDepth] = facts.numbers(`${group}:BitsPerSample`);
    return [known({ stored, bitDepth })];
  });
}

function otherSizes(facts: ExifToolFacts): Found[] {
  return OTHER_SIZES.flatMap(({ size, depth = '' }) => {
    const stored = sizeOf(size.flatMap((key) => facts.numbers(key)));
    return stored === undefined ? [] : [known({ stored, bitDepth: facts.number(depth) })];
  });
}

/** Less than half of the picture is no picture without borders but a preview. */
function shownOf(stored: Size, facts: ExifToolFacts): Size | undefined {
  const shown = sizeOf(facts.numbers('Composite:ImageSize'));
  if (shown === undefined || shown.width > stored.width || shown.height > stored.height) return undefined;
  return area(shown) * 2 >= area(stored) ? shown : undefined;
}

export function area({ width, height }: Size): number {
  return width * height;
}
