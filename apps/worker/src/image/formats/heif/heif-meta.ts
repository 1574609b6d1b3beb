// The meta box: which items there are, how they refer to each other, where their data and their properties stand
// (ISO/IEC 14496-12, 8.11; ISO/IEC 23008-12, 9.3). Tables only: nothing here knows what an item shows.
import { type Bytes, EndOfBytes } from '../../bytes.ts';
import { type Header, MAX_STEPS, malformed, walkLimit } from '../../header.ts';
import { type Box, boxes, type Fields, fieldsOf } from '../boxes.ts';

export interface Item {
  id: number;
  /** Four characters; empty in the versions of infe that know only media types. */
  type: string;
  /** Not meant to be shown on its own. */
  isHidden: boolean;
  contentType: string;
  contentEncoding: string;
}

export interface ItemLocation {
  /** 0: offsets in the file; 1: in idat; 2: in another item. */
  method: number;
  /** The data is in another file. */
  isElsewhere: boolean;
  extents: { offset: number; length: number }[];
}

export interface Reference {
  type: string;
  from: number;
  to: number[];
}

export interface Meta {
  /** What is not in the tables may have stood behind the end of the file. */
  isCut: boolean;
  primary?: number;
  items: Map<number, Item>;
  locations: Map<number, ItemLocation>;
  references: Reference[];
  /** In the order of their numbers, which begin with 1. */
  properties: Box[];
  /** Where an item's list of property numbers stands; `isWide`: two bytes a number. */
  associations: Map<number, { at: number; count: number; isWide: boolean }>;
  /** Items that belong together, by the kind of group. */
  groups: { type: string; items: number[] }[];
  idat?: Box;
}

type TableReader = (bytes: Bytes, box: Box, meta: Meta, header: Header) => void;

const TABLES: Readonly<Record<string, TableReader>> = {
  pitm: readPrimary,
  iinf: readItems,
  iloc: readLocations,
  iref: readReferences,
  iprp: readProperties,
  grpl: readGroups,
  idat: (_, box, meta) => {
    meta.idat = box;
  },
};

/** What breaks one table loses only that one. */
export function readMeta(bytes: Bytes, box: Box, header: Header): Meta {
  const meta: Meta = {
    isCut: box.cut,
    items: new Map(),
    locations: new Map(),
    references: [],
    properties: [],
    associations: new Map(),
    groups: [],
  };
  // QuickTime's meta box has neither version nor flags.
  const from = bytes.is('hdlr', box.body + 4) ? box.body : box.body + 4;
  for (const table of boxes(bytes, from, box.end)) {
    const read = TABLES[table.type];
    if (read !== undefined) attempt(header, table.type, () => read(bytes, table, meta, header));
  }
  return meta;
}

/** Goes on where one box can't be read. */
export function attempt(header: Header, what: string, read: () => void): void {
  try {
    read();
  } catch (error) {
    // What a cut file lacks has been told once.
    if (error instanceof EndOfBytes && header.truncated === true) return;
    header.warnings.push(malformed(`The ${what} can not be read: ${(error as Error).message}`));
  }
}

function readPrimary(bytes: Bytes, box: Box, meta: Meta): void {
  const fields = fieldsOf(bytes, box);
  meta.primary = fields.versionAndFlags().version === 0 ? fields.u16() : fields.u32();
}

function readItems(bytes: Bytes, box: Box, meta: Meta, header: Header): void {
  const fields = fieldsOf(bytes, box);
  const count = fields.versionAndFlags().version === 0 ? fields.u16() : fields.u32();
  if (count > MAX_STEPS) header.warnings.push(walkLimit('items'));
  for (const entry of boxes(bytes, fields.at, box.end)) {
    if (entry.type !== 'infe') continue;
    const item = readItem(bytes, entry);
    if (!meta.items.has(item.id)) meta.items.set(item.id, item);
  }
}

/** infe, 8.11.6. */
function readItem(bytes: Bytes, box: Box): Item {
  const fields = fieldsOf(bytes, box);
  const { version, flags } = fields.versionAndFlags();
  const id = version < 3 ? fields.u16() : fields.u32();
  fields.skip(2); // protection
  const type = version < 2 ? '' : fields.fourCharacters();
  fields.text(); // name
  const hasMediaType = version < 2 || type === 'mime';
  const contentType = hasMediaType ? fields.text() : '';
  const contentEncoding = hasMediaType ? fields.text() : '';
  return { id, type, isHidden: (flags & 1) === 1, contentType, contentEncoding };
}

/** iloc, 8.11.3. */
function readLocations(bytes: Bytes, box: Box, meta: Meta): void {
  const fields = fieldsOf(bytes, box);
  const { version } = fields.versionAndFlags();
  const sizes = fields.u16();
  const baseSize = (sizes >> 4) & 15;
  const extentSizes = {
    offset: sizes >> 12,
    length: (sizes >> 8) & 15,
    index: version === 0 ? 0 : sizes & 15,
  };
  const count = version < 2 ? fields.u16() : fields.u32();
  for (let step = 0; step < Math.min(count, MAX_STEPS); step += 1) {
    const id = version < 2 ? fields.u16() : fields.u32();
    const method = version === 0 ? 0 : fields.u16() & 15;
    const isElsewhere = fields.u16() !== 0;
    const extents = readExtents(fields, fields.uint(baseSize), extentSizes);
    meta.locations.set(id, { method, isElsewhere, extents });
  }
}

function readExtents(
  fields: Fields,
  base: number,
  sizes: { offset: number; length: number; index: number },
): ItemLocation['extents'] {
  const extents: ItemLocation['extents'] = [];
  const count = fields.u16();
  const bytesEach = sizes.index + sizes.offset + sizes.length;
  // Extents without fields are all the same one.
  const wanted = Math.min(count, bytesEach === 0 ? 1 : MAX_STEPS);
  while (extents.length < wanted) {
    fields.skip(sizes.index);
    extents.push({ offset: base + fields.uint(sizes.offset), length: fields.uint(sizes.length) });
  }
  fields.skip((count - wanted) * bytesEach);
  return extents;
}

/** iref, 8.11.12. */
function readReferences(bytes: Bytes, box: Box, meta: Meta): void {
  const fields = fieldsOf(bytes, box);
  const idSize = fields.versionAndFlags().version === 0 ? 2 : 4;
  for (const entry of boxes(bytes, fields.at, box.end)) {
    const inside = fieldsOf(bytes, entry);
    const from = inside.uint(idSize);
    const count = Math.min(inside.u16(), MAX_STEPS);
    meta.references.push({
      type: entry.type,
      from,
      to: Array.from({ length: count }, () => inside.uint(idSize)),
    });
  }
}

/** iprp: the properties, and which item has which. */
function readProperties(bytes: Bytes, box: Box, meta: Meta, header: Header): void {
  for (const inner of boxes(bytes, box.body, box.end)) {
    if (inner.type === 'ipco') {
      meta.properties = [...boxes(bytes, inner.body, inner.end)];
      const last = meta.properties.at(-1);
      if (meta.properties.length === MAX_STEPS && last?.end !== inner.end)
        header.warnings.push(walkLimit('properties'));
    } else if (inner.type === 'ipma') {
      readAssociations(bytes, inner, meta);
    }
  }
}

function readAssociations(bytes: Bytes, box: Box, meta: Meta): void {
  const fields = fieldsOf(bytes, box);
  const { version, flags } = fields.versionAndFlags();
  const isWide = (flags & 1) === 1;
  const count = fields.u32();
  for (let step = 0; step < Math.min(count, MAX_STEPS); step += 1) {
    const id = version === 0 ? fields.u16() : fields.u32();
    const associated = fields.u8();
    const at = fields.skip(associated * (isWide ? 2 : 1));
    meta.associations.set(id, { at, count: associated, isWide });
  }
}

/** grpl: groups of items that are alternatives or belong together (8.18). */
function readGroups(bytes: Bytes, box: Box, meta: Meta): void {
  for (const group of boxes(bytes, box.body, box.end)) {
    const fields = fieldsOf(bytes, group);
    fields.skip(8); // version, flags, group
    const count = Math.min(fields.u32(), MAX_STEPS);
    meta.groups.push({ type: group.type, items: Array.from({ length: count }, () => fields.u32()) });
  }
}

/** The properties of an item, in the order in which they apply. */
export function propertiesOf(bytes: Bytes, meta: Meta, id: number): Box[] {
  const list = meta.associations.get(id);
  if (list === undefined) return [];
  const found: Box[] = [];
  for (let index = 0; index < list.count; index += 1) {
    // The highest bit says whether a reader must understand the property.
    const number = list.isWide ? bytes.u16(list.at + 2 * index) & 0x7fff : bytes.u8(list.at + index) & 0x7f;
    const property = meta.properties[number - 1];
    if (property !== undefined) found.push(property);
  }
  return found;
}

/** The items that one refers to, in order. */
export function referencesFrom(meta: Meta, type: string, from: number): number[] {
  return meta.references.find((reference) => reference.type === type && reference.from === from)?.to ?? [];
}
