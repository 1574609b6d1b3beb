// What items mean: which picture is shown, what it is made from, what goes with it, how many pictures there are
// (ISO/IEC 23008-12, 6.4 and 6.6).
import { Bytes } from '../../bytes.ts';
import { MAX_STEPS } from '../../header.ts';
import { Fields } from '../boxes.ts';
import { codecOf, type Picture } from './heif-codec.ts';
import { itemData, itemHead } from './heif-item-data.ts';
import { type Item, type Meta, propertiesOf, referencesFrom } from './heif-meta.ts';
import { auxiliaryOf } from './heif-properties.ts';

/** Pictures that are made from others. tmap, base and gain map together, is an alternative to its base. */
const DERIVED = ['grid', 'iovl', 'iden', 'sato'];
const TONE_MAP = 'tmap';

function isPicture({ type }: Item): boolean {
  return codecOf(type) !== undefined || DERIVED.includes(type);
}

/** The primary item; where none is named, the first picture that is not hidden. */
export function primaryOf(meta: Meta): Item | undefined {
  const named = meta.primary === undefined ? undefined : meta.items.get(meta.primary);
  return named ?? [...meta.items.values()].find((item) => isPicture(item) && !item.isHidden);
}

export function pictureOf(bytes: Bytes, meta: Meta, { id, type }: Item): Picture {
  return {
    type,
    properties: propertiesOf(bytes, meta, id),
    head: (count) => itemHead(bytes, meta, id, count),
  };
}

/** The item and everything it is made from, itself first. */
export function sourcesOf(meta: Meta, id: number): Set<number> {
  const found = new Set([id]);
  // A set goes on through what is added to it meanwhile.
  for (const item of found) {
    for (const source of referencesFrom(meta, 'dimg', item)) {
      if (found.size < MAX_STEPS) found.add(source);
    }
  }
  return found;
}

/** The first coded picture among the sources: the item itself, or the first tile of a grid. */
export function codedAmong(meta: Meta, sources: ReadonlySet<number>): Item | undefined {
  for (const id of sources) {
    const item = meta.items.get(id);
    if (item !== undefined && codecOf(item.type) !== undefined) return item;
  }
  return undefined;
}

/** Output size in the data of a grid or an overlay, where no property tells it (6.6.2.2, 6.6.2.3). */
export function derivedSize(
  bytes: Bytes,
  meta: Meta,
  { id, type }: Item,
): { width: number; height: number } | undefined {
  if (type !== 'grid' && type !== 'iovl') return undefined;
  const data = itemData(bytes, meta, id);
  if (data === undefined) return undefined;
  const fields = new Fields(new Bytes(data), 1, data.length);
  const size = (fields.u8() & 1) === 0 ? 2 : 4;
  // Rows and columns of a grid, the colour behind an overlay.
  fields.skip(type === 'grid' ? 2 : 8);
  const [width, height] = [fields.uint(size), fields.uint(size)];
  return width > 0 && height > 0 ? { width, height } : undefined;
}

export interface Auxiliaries {
  hasAlpha: boolean;
  /** Which kind of gain map the picture has. */
  gainMap: string | undefined;
}

/** Alpha and gain map of a picture, or of the tiles it is made from. */
export function auxiliariesOf(bytes: Bytes, meta: Meta, sources: ReadonlySet<number>): Auxiliaries {
  const found: Auxiliaries = { hasAlpha: false, gainMap: undefined };
  for (const { type, from, to } of meta.references) {
    if (!to.some((id) => sources.has(id))) continue;
    if (type === 'dimg' && meta.items.get(from)?.type === TONE_MAP) found.gainMap = 'iso-21496-1';
    if (type !== 'auxl') continue;
    const kind = auxiliaryOf(bytes, propertiesOf(bytes, meta, from));
    if (kind?.isAlpha === true) found.hasAlpha = true;
    found.gainMap ??= kind?.gainMap;
  }
  return found;
}

/** Pictures that stand for themselves: none hidden, auxiliary, thumbnail, tile, or the same at another size or range. */
export function countPictures(meta: Meta): number {
  const parts = partsIn(meta);
  let count = 0;
  for (const item of meta.items.values()) {
    if (isPicture(item) && !item.isHidden && !parts.has(item.id)) count += 1;
  }
  return Math.max(count, 1);
}

function partsIn(meta: Meta): Set<number> {
  const parts = new Set<number>();
  const add = (ids: number[]) => ids.forEach((id) => void parts.add(id));
  const isToneMap = (id: number) => meta.items.get(id)?.type === TONE_MAP;
  for (const { type, from, to } of meta.references) {
    if (type === 'thmb' || type === 'auxl') add([from]);
    // What a tone map begins with is the picture itself.
    if (type === 'dimg') add(isToneMap(from) ? to.slice(1) : to);
  }
  for (const { type, items } of meta.groups) {
    if (type === 'altr' || type === 'pymd') add(items.filter((id) => !isToneMap(id)).slice(1));
  }
  return parts;
}
