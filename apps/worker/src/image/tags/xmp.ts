// XMP packets (ISO 16684-1): every property by its usual name, and what else follows from them.
import type { Metadata, MetadataWarning } from '@tintype/core/contract';
import { known } from '../known.ts';
import { SERIAL } from '../personal-tags.ts';
import { type Budget, readDescriptions, type XmpProperties, type XmpValue } from './xmp-rdf.ts';
import { decodePacket, MAX_PACKET_BYTES } from './xmp-text.ts';
import { readTree } from './xmp-tree.ts';
import { dateOf, listOf, numberOf, positionOf, textOf, type XmpPosition } from './xmp-values.ts';

export interface XmpReading {
  /** Null where there is no packet that can be read. A packet without properties has no tags. */
  xmp: Metadata['xmp'];
  warnings: MetadataWarning[];
  /** exif:GPSLatitude and the like, in degrees and metres. */
  gps?: XmpPosition | undefined;
  /** tiff:Orientation, 1 to 8. */
  orientation?: number | undefined;
  /** Last part of the IPTC term: trainedAlgorithmicMedia, digitalCapture, … */
  digitalSourceType?: string | undefined;
  gainMap?: 'ultra-hdr-1' | 'apple-gain-map' | undefined;
  /** Names a camera, lens or drone by its serial number. */
  hasSerial?: boolean | undefined;
  /** Names who owns the camera or the rights. */
  hasOwner?: boolean | undefined;
  /** Tells where a C2PA manifest is (dcterms:provenance). */
  c2pa?: boolean | undefined;
}

const MAX_PACKETS = 16;
const MAX_VALUES = 5000;
const MAX_CHARACTERS = 1 << 20;

/** @param packets the main one first: what it says counts more */
export function readXmp(packets: readonly Uint8Array[]): XmpReading {
  const warnings: MetadataWarning[] = [];
  const properties: XmpProperties = new Map();
  const budget = { values: MAX_VALUES, characters: MAX_CHARACTERS };
  let bytesLeft = MAX_PACKET_BYTES;
  let isPresent = false;
  for (const packet of packets.slice(0, MAX_PACKETS)) {
    const isLong = packet.length > bytesLeft;
    if (isLong) warnings.push(warning('TEXT_LIMIT', 'The XMP is too long: the rest was not read.'));
    isPresent = readPacket(packet.subarray(0, bytesLeft), properties, budget, warnings) || isPresent;
    bytesLeft -= packet.length;
    if (bytesLeft <= 0) break;
  }
  if (budget.values <= 0)
    warnings.push(warning('WALK_LIMIT', 'The XMP has too many properties: the rest was not read.'));
  const firstOfEach = warnings.filter(
    ({ message }, index) => warnings.findIndex((each) => each.message === message) === index,
  );
  if (!isPresent) return { xmp: null, warnings: firstOfEach };
  return { xmp: describe(properties), warnings: firstOfEach, ...conclude(properties) };
}

function warning(code: MetadataWarning['code'], message: string): MetadataWarning {
  return { code, message, field: 'xmp' };
}

/** Whether it is a packet. */
function readPacket(
  packet: Uint8Array,
  into: XmpProperties,
  budget: Budget,
  warnings: MetadataWarning[],
): boolean {
  const text = decodePacket(packet);
  const tree = readTree(text);
  for (const root of tree.roots) readDescriptions(root, into, budget);
  if (tree.isLimited)
    warnings.push(warning('WALK_LIMIT', 'The XMP has too many elements: the rest was not read.'));
  else if (tree.error !== undefined)
    warnings.push(warning('TAGS_UNREADABLE', 'The XMP is no well-formed XML: what could be read was kept.'));
  else if (!tree.isPacket && text.trim() !== '')
    warnings.push(warning('TAGS_UNREADABLE', 'What should be XMP holds no RDF.'));
  return tree.isPacket;
}

function describe(properties: XmpProperties): NonNullable<Metadata['xmp']> {
  const get = (name: string) => properties.get(name);
  const named = {
    title: textOf(get('dc:title')),
    description: textOf(get('dc:description')),
    creators: listOf(get('dc:creator')),
    rights: textOf(get('dc:rights')),
    keywords: listOf(get('dc:subject')),
    rating: numberOf(get('xmp:Rating')),
    creatorTool: textOf(get('xmp:CreatorTool')),
    createdAt: dateOf(get('xmp:CreateDate')),
    modifiedAt: dateOf(get('xmp:ModifyDate')),
  };
  return known({ ...named, tags: Object.fromEntries(properties) });
}

const OWNERS = [
  'aux:OwnerName',
  'exifEX:CameraOwnerName',
  'xmpRights:Owner',
  'dc:rights',
  'dc:creator',
  'photoshop:Credit',
];

function conclude(properties: XmpProperties): Omit<XmpReading, 'xmp' | 'warnings'> {
  const names = [...properties.keys()];
  return {
    gps: positionOf(properties),
    orientation: orientationOf(properties),
    digitalSourceType: textOf(properties.get('Iptc4xmpExt:DigitalSourceType'))
      ?.replace(/[/#]+$/, '')
      .split(/[/#:]/)
      .at(-1),
    gainMap: gainMapOf(properties),
    hasSerial: names.some((name) => SERIAL.test(name) && textOf(properties.get(name)) !== undefined),
    hasOwner: OWNERS.some((name) => textOf(properties.get(name)) !== undefined),
    c2pa: textOf(properties.get('dcterms:provenance')) !== undefined,
  };
}

function orientationOf(properties: XmpProperties): number | undefined {
  const orientation = numberOf(properties.get('tiff:Orientation'));
  const isValid =
    orientation !== undefined && Number.isInteger(orientation) && orientation >= 1 && orientation <= 8;
  return isValid ? orientation : undefined;
}

/**
 * Ultra HDR 1.0: the main picture names the version, and its directory the gain map that follows. The version alone proves none: raw
 * converters write it into HDR pictures without one.
 */
function gainMapOf(properties: XmpProperties): XmpReading['gainMap'] {
  if (properties.has('hdrgm:Version') && namesGainMap(properties.get('Container:Directory')))
    return 'ultra-hdr-1';
  return properties.has('HDRGainMap:HDRGainMapVersion') ? 'apple-gain-map' : undefined;
}

function namesGainMap(value: XmpValue | undefined): boolean {
  if (typeof value !== 'object') return false;
  return Object.entries(value).some(([name, item]: [string, XmpValue]) =>
    name === 'Item:Semantic' ? item === 'GainMap' : namesGainMap(item),
  );
}
