// EXIF and GPS from a TIFF stream (Exif 3.0, CIPA DC-008-2023). One tag that can't be read never loses the rest. Maker notes are not
// read here.
import type { Metadata, MetadataWarning } from '@tintype/core/contract';
import { Bytes } from '../bytes.ts';
import { known } from '../known.ts';
import { describeExif } from './exif-describe.ts';
import { EXIF_NAMES, GPS_NAMES, INTEROPERABILITY_NAMES, STRUCTURE_NAMES } from './exif-names.ts';
import { densityOf, orientationOf } from './exif-resolution.ts';
import { readThumbnail, type Thumbnail } from './exif-thumbnail.ts';
import { readValue, type TagValue } from './exif-value.ts';
import { readGps } from './gps.ts';
import { type Ifd, type IfdWalk, numberOf, openTiff, readIfd, startWalk } from './ifd.ts';
import { TAG } from './tag-numbers.ts';

export interface ExifReading {
  exif: Metadata['exif'];
  gps: Metadata['gps'];
  orientation?: number;
  density?: { x: number; y: number };
  /** The embedded preview's bytes. */
  thumbnail?: Uint8Array;
  warnings: MetadataWarning[];
}

/** The first number of Exif's own: below it, TIFF's tags belong into IFD0. */
const FIRST_EXIF_TAG = 0x829a;

type Tags = Record<string, TagValue>;

/**
 * Null sections: nothing there. In a TIFF, tags that only tell how its picture is stored are no EXIF.
 * @param parts TIFF streams of their own that hold the EXIF or the GPS directory, as in CR3
 */
export function readExif(block: Uint8Array, parts: readonly Uint8Array[] = []): ExifReading {
  const bytes = new Bytes(block);
  const tiff = openTiff(bytes);
  if (tiff === undefined) return nothing('The EXIF block is no TIFF stream.');
  const walk = startWalk(tiff);
  const ifd0 = readIfd(walk, tiff.firstIfd);
  if (ifd0 === undefined) return nothing('The first directory of the EXIF block lies outside of it.');

  const warnings: MetadataWarning[] = [];
  const directories = readDirectories(walk, ifd0, warnings);
  const { gpsIfd } = directories;
  const hasPicture = ifd0.entries.has(TAG.STRIP_OFFSETS) || ifd0.entries.has(TAG.TILE_OFFSETS);
  const thumbnail = thumbnailOf(walk, ifd0, hasPicture, warnings);
  const tags = collect(walk, directories);
  const gpsOfParts = addParts(tags, parts);
  warnUnreadable(directories, walk, warnings);

  const tells = hasPicture
    ? Object.keys(tags).some((name) => !STRUCTURE_NAMES.has(name))
    : ifd0.entries.size > 0;
  return known({
    exif: tells || thumbnail !== undefined ? describeExif(tags, thumbnail?.section) : null,
    gps: gpsIfd === undefined ? gpsOfParts : readGps(tiff, gpsIfd),
    orientation: orientationOf(tiff, ifd0),
    density: densityOf(tiff, ifd0),
    thumbnail: thumbnail?.bytes,
    warnings,
  });
}

function nothing(message: string): ExifReading {
  return { exif: null, gps: null, warnings: [unreadable(message)] };
}

function unreadable(message: string): MetadataWarning {
  return { code: 'TAGS_UNREADABLE', message, field: 'exif' };
}

interface Directories {
  ifd0: Ifd;
  exifIfd: Ifd | undefined;
  gpsIfd: Ifd | undefined;
  interoperability: Ifd | undefined;
}

function readDirectories(walk: IfdWalk, ifd0: Ifd, warnings: MetadataWarning[]): Directories {
  const exifIfd = pointedTo(walk, ifd0, TAG.EXIF_IFD, warnings);
  const gpsIfd =
    pointedTo(walk, ifd0, TAG.GPS_IFD, warnings) ?? pointedTo(walk, exifIfd, TAG.GPS_IFD, warnings);
  const interoperability = pointedTo(walk, exifIfd, TAG.INTEROPERABILITY_IFD, warnings);
  return { ifd0, exifIfd, gpsIfd, interoperability };
}

function pointedTo(
  walk: IfdWalk,
  from: Ifd | undefined,
  tag: number,
  warnings: MetadataWarning[],
): Ifd | undefined {
  const at = from && numberOf(walk.tiff, from, tag);
  if (at === undefined) return undefined;
  const ifd = readIfd(walk, at);
  if (ifd === undefined)
    warnings.push(unreadable(`The directory of ${NAMES_OF_POINTERS[tag]} tags can not be read.`));
  return ifd;
}

const NAMES_OF_POINTERS: Readonly<Record<number, string>> = {
  [TAG.EXIF_IFD]: 'Exif',
  [TAG.GPS_IFD]: 'GPS',
  [TAG.INTEROPERABILITY_IFD]: 'interoperability',
};

/** In an EXIF block IFD1 is the preview. In a TIFF it is the next page, unless it is nothing but a JPEG stream (as in CR2). */
function thumbnailOf(
  walk: IfdWalk,
  ifd0: Ifd,
  hasPicture: boolean,
  warnings: MetadataWarning[],
): Thumbnail | undefined {
  const ifd1 = ifd0.next === 0 ? undefined : readIfd(walk, ifd0.next);
  if (ifd1 === undefined || (hasPicture && ifd1.entries.has(TAG.STRIP_OFFSETS))) return undefined;
  const thumbnail = readThumbnail(walk.tiff, ifd1);
  if (thumbnail !== 'outside') return thumbnail;
  warnings.push({
    ...unreadable('The embedded preview is not where the file says.'),
    field: 'exif.thumbnail',
  });
  return undefined;
}

/** What stands in two directories is taken from the one where it belongs. */
function collect(walk: IfdWalk, { ifd0, exifIfd, gpsIfd, interoperability }: Directories): Tags {
  const tags: Tags = {};
  add(tags, walk, ifd0, EXIF_NAMES);
  if (exifIfd) add(tags, walk, exifIfd, EXIF_NAMES, FIRST_EXIF_TAG);
  if (interoperability) add(tags, walk, interoperability, INTEROPERABILITY_NAMES);
  if (gpsIfd) add(tags, walk, gpsIfd, GPS_NAMES);
  if (Array.isArray(tags.ISO)) tags.ISO = usedSensitivity(tags.ISO);
  return tags;
}

/** The last tag of GPS; none of Exif's own begins so low. */
const LAST_GPS_TAG = 0x1f;

/** Adds the tags of directories that stand alone, and answers the place that one of them tells. */
function addParts(tags: Tags, parts: readonly Uint8Array[]): Metadata['gps'] {
  let gps: Metadata['gps'] = null;
  for (const part of parts) {
    const tiff = openTiff(new Bytes(part));
    const walk = tiff && startWalk(tiff);
    const ifd = walk && readIfd(walk, walk.tiff.firstIfd);
    if (walk === undefined || ifd === undefined) continue;
    const isGps = [...ifd.entries.keys()].every((tag) => tag <= LAST_GPS_TAG);
    add(tags, walk, ifd, isGps ? GPS_NAMES : EXIF_NAMES);
    if (isGps) gps = readGps(walk.tiff, ifd);
  }
  return gps;
}

/** Cameras that could write two sensitivities and use one leave the other 0. */
function usedSensitivity(values: (number | null)[]): TagValue {
  const used = values.filter((value) => value !== 0);
  return used.length === 1 ? (used[0] ?? values) : values;
}

function add(
  tags: Tags,
  { tiff }: IfdWalk,
  ifd: Ifd,
  names: ReadonlyMap<number, string>,
  overwritesFrom = 0,
): void {
  for (const entry of ifd.entries.values()) {
    const name = names.get(entry.tag);
    if (name === undefined || (entry.tag < overwritesFrom && name in tags)) continue;
    const value = readValue(tiff, entry);
    if (value !== undefined) tags[name] = value;
  }
}

function warnUnreadable(directories: Directories, walk: IfdWalk, warnings: MetadataWarning[]): void {
  const { ifd0, exifIfd, gpsIfd, interoperability } = directories;
  const tags = [ifd0, exifIfd, gpsIfd, interoperability].flatMap((ifd) => ifd?.unreadable ?? []);
  if (tags.length > 0) {
    const some = tags.slice(0, 8).map((tag) => `0x${tag.toString(16).padStart(4, '0')}`);
    warnings.push(
      unreadable(`${tags.length} tags can not be read: ${some.join(', ')}${tags.length > 8 ? ', …' : ''}.`),
    );
  }
  if (walk.cut) warnings.push(unreadable('A directory of tags ends behind the end of the block.'));
  if (walk.limited)
    warnings.push({
      code: 'WALK_LIMIT',
      message: 'There are too many tags: the rest was not read.',
      field: 'exif',
    });
}
