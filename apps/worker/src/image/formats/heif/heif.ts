// AVIF and HEIF: pictures and sequences in the ISO base media file format (ISO/IEC 23008-12, 23000-22; AVIF 1.1).
// EXIF orientation is only a tag here: what is to be turned or mirrored is told by properties (23008-12, A.2.2).
import type { Bytes } from '../../bytes.ts';
import type { Header, HeaderReader } from '../../header.ts';
import type { Box } from '../boxes.ts';
import { type Brands, hasSequence, mediaTypeOf, readBrands } from './heif-brands.ts';
import { isDataMissing } from './heif-item-data.ts';
import {
  auxiliariesOf,
  codedAmong,
  countPictures,
  derivedSize,
  pictureOf,
  primaryOf,
  sourcesOf,
} from './heif-items.ts';
import { attempt, type Item, type Meta, propertiesOf, readMeta, referencesFrom } from './heif-meta.ts';
import { collectTagItems } from './heif-metadata.ts';
import { describePicture } from './heif-picture.ts';
import { extentsOf } from './heif-properties.ts';
import { readSequence, type Sequence } from './heif-sequence.ts';
import { readTopLevel } from './heif-top-level.ts';
import { collectUserBox } from './heif-uuid.ts';

export const readHeif: HeaderReader = (bytes, header) => {
  const top = readTopLevel(bytes, header);
  const brands = describeBrands(bytes, header, top);
  for (const box of top) {
    if (box.type === 'uuid') attempt(header, 'uuid box', () => collectUserBox(bytes, box, header));
  }
  const metaBox = top.find(({ type }) => type === 'meta');
  const movie = top.find(({ type }) => type === 'moov');
  // One of the two must be there.
  if (metaBox === undefined && movie === undefined) header.truncated = true;
  if (metaBox !== undefined) describeMeta(bytes, header, readMeta(bytes, metaBox, header));
  if (movie !== undefined) describeMovie(bytes, header, movie, brands);
  addAlphaChannel(header);
  if (header.truncated === true) delete header.end;
};

function describeBrands(bytes: Bytes, header: Header, top: Box[]): Brands {
  const box = top.find(({ type }) => type === 'ftyp');
  const brands = box && readBrands(bytes, box);
  if (brands === undefined) return { major: '', compatible: [] };
  header.formatVersion = brands.major.trim();
  header.mimeType = mediaTypeOf(brands);
  header.format = header.mimeType === 'image/avif' ? 'avif' : 'heic';
  return brands;
}

function describeMeta(bytes: Bytes, header: Header, meta: Meta): void {
  if (isDataMissing(bytes, meta)) header.truncated = true;
  const primary = primaryOf(meta);
  if (primary !== undefined) describeItem(bytes, header, meta, primary);
  collectTagItems(bytes, header, meta, primary === undefined ? new Set() : sourcesOf(meta, primary.id));
}

function describeItem(bytes: Bytes, header: Header, meta: Meta, primary: Item): void {
  const sources = sourcesOf(meta, primary.id);
  const shown = pictureOf(bytes, meta, primary);
  const coded = codedAmong(meta, sources);
  describePicture(bytes, header, {
    shown,
    coded: coded === undefined || coded === primary ? shown : pictureOf(bytes, meta, coded),
    size: () => derivedSize(bytes, meta, primary),
  });
  if (primary.type === 'grid') attempt(header, 'tile', () => describeTiles(bytes, header, meta, primary));
  attempt(header, 'auxiliary pictures', () => describeAuxiliaries(bytes, header, meta, sources));
  if (!meta.isCut) header.image.pages = countPictures(meta);
}

/** All tiles of a grid have the same size (6.6.2.3.1). */
function describeTiles(bytes: Bytes, header: Header, meta: Meta, grid: Item): void {
  const [tile] = referencesFrom(meta, 'dimg', grid.id);
  if (tile !== undefined) header.encoding.tiling = extentsOf(bytes, propertiesOf(bytes, meta, tile));
}

function describeAuxiliaries(bytes: Bytes, header: Header, meta: Meta, sources: ReadonlySet<number>): void {
  const { hasAlpha, gainMap } = auxiliariesOf(bytes, meta, sources);
  if (hasAlpha) header.image.hasAlpha = true;
  if (!meta.isCut) header.image.hasAlpha ??= false;
  if (gainMap === undefined) return;
  const standard = gainMap === 'gain-map' ? header.color.hdr?.standard : gainMap;
  header.color.hdr = { gainMap: true, ...(standard !== undefined && { standard }) };
}

/** The picture of a sequence is described by the primary item, where there is one. */
function describeMovie(bytes: Bytes, header: Header, movie: Box, brands: Brands): void {
  // Beside a still picture a film is only something more to be seen.
  const isStill = header.image.storedWidth !== undefined && !hasSequence(brands);
  const sequence = readSequence(bytes, movie, header, isStill ? ['pict'] : ['pict', 'vide']);
  if (sequence === undefined) return;
  if (header.image.storedWidth === undefined) {
    const { picture, width, height } = sequence;
    describePicture(bytes, header, {
      shown: picture,
      coded: picture,
      size: () => (width * height > 0 ? { width, height } : undefined),
    });
  }
  if (sequence.hasAlpha) header.image.hasAlpha = true;
  if (!movie.cut) header.image.hasAlpha ??= false;
  describeFrames(bytes, header, sequence);
}

function describeFrames(bytes: Bytes, header: Header, { frames, animation, meta }: Sequence): void {
  if (frames > 0) header.image.pages = frames;
  if (frames > 1) header.animation = animation;
  if (meta !== undefined && header.blocks.exif === undefined && header.blocks.xmp === undefined) {
    collectTagItems(bytes, header, readMeta(bytes, meta, header), new Set());
  }
}

/** Alpha is coded as a picture of its own, and is one more sample of each pixel. */
function addAlphaChannel({ image }: Header): void {
  if (image.hasAlpha === true && image.channels !== undefined) image.channels += 1;
}
