// IPTC-IIM records (IIM 4.2).
import type { Metadata, MetadataWarning } from '@tintype/core/contract';
import { Bytes } from '../bytes.ts';
import { MAX_STEPS, walkLimit } from '../header.ts';
import { MAX_TEXT_CHARACTERS, truncated } from '../truncated.ts';
import { kindOfDataset, nameOfDataset } from './iptc-datasets.ts';
import { codingOf, decodeIptcText } from './iptc-text.ts';
import { readPhotoshop } from './photoshop.ts';

export interface IptcReading {
  iptc: Metadata['iptc'];
  warnings: MetadataWarning[];
}

type IptcSection = NonNullable<Metadata['iptc']>;

const MARKER = 0x1c;
const CODED_CHARACTER_SET = '1:90';

interface Dataset {
  record: number;
  dataset: number;
  data: Uint8Array;
}

/** Null where there is not one record. */
export function readIptc(block: Uint8Array): IptcReading {
  const warnings: MetadataWarning[] = [];
  const datasets = readDatasets(new Bytes(unwrapped(block)), warnings);
  if (datasets.length === 0) return { iptc: null, warnings };
  const characterSet = datasets.find((each) => keyOf(each) === CODED_CHARACTER_SET)?.data;
  const values = collectValues(datasets, characterSet && codingOf(characterSet), warnings);
  return { iptc: describeIptc(values), warnings };
}

/** Blocks that should be records and are Photoshop resources with records in them, or numbers of four bytes turned round (TIFF). */
function unwrapped(block: Uint8Array): Uint8Array {
  if (new Bytes(block).is('8BIM')) return readPhotoshop(block).iptc ?? new Uint8Array();
  // Turned round, the record stands before the marker, and no record is 0.
  const isTurned = block[0] !== MARKER && block[2] !== 0 && block[3] === MARKER;
  return isTurned ? Buffer.from(block.subarray(0, block.length & ~3)).swap32() : block;
}

function readDatasets(bytes: Bytes, warnings: MetadataWarning[]): Dataset[] {
  const datasets: Dataset[] = [];
  let at = 0;
  while (datasets.length < MAX_STEPS) {
    // Padding stands between datasets, too, where a program likes even lengths.
    while (bytes.all[at] === 0) at += 1;
    if (at >= bytes.length) return datasets;
    const next = datasetAt(bytes, at);
    if (next === undefined) {
      warnings.push({
        code: 'TAGS_UNREADABLE',
        message: 'The IPTC records can not be read further.',
        field: 'iptc',
      });
      return datasets;
    }
    datasets.push(next.dataset);
    at = next.end;
  }
  warnings.push({ ...walkLimit('IPTC datasets'), field: 'iptc' });
  return datasets;
}

/** Marker, record, dataset, length; the length of a length of more than two bytes, with the highest bit set (IIM 4.2, 1.5 and 1.6). */
function datasetAt(bytes: Bytes, at: number): { dataset: Dataset; end: number } | undefined {
  if (!bytes.has(at, 5) || bytes.u8(at) !== MARKER) return undefined;
  const short = bytes.u16(at + 3);
  const lengthBytes = short & 0x8000 ? short & 0x7fff : 0;
  if (lengthBytes > 4 || !bytes.has(at + 5, lengthBytes)) return undefined;
  const length = lengthBytes > 0 ? numberOf(bytes.slice(at + 5, lengthBytes)) : short & 0x7fff;
  const from = at + 5 + lengthBytes;
  if (!bytes.has(from, length)) return undefined;
  const dataset = { record: bytes.u8(at + 1), dataset: bytes.u8(at + 2), data: bytes.slice(from, length) };
  return { dataset, end: from + length };
}

/** Big-endian. */
function numberOf(bytes: Uint8Array): number {
  return bytes.reduce((number, byte) => number * 0x100 + byte, 0);
}

function keyOf({ record, dataset }: Dataset): string {
  return `${record}:${dataset}`;
}

interface Value {
  name: string;
  values: unknown[];
}

/** By record and dataset, in the order of the file. Empty texts say nothing. */
function collectValues(
  datasets: readonly Dataset[],
  coding: string | undefined,
  warnings: MetadataWarning[],
): Map<string, Value> {
  const values = new Map<string, Value>();
  let isTooLong = false;
  for (const each of datasets) {
    const key = keyOf(each);
    const value = key === CODED_CHARACTER_SET && coding !== undefined ? coding : readValue(each, coding);
    if (value === '') continue;
    isTooLong ||= typeof value === 'object' && kindOfDataset(each.record, each.dataset) === 'text';
    const known = values.get(key);
    if (known === undefined)
      values.set(key, { name: nameOfDataset(each.record, each.dataset), values: [value] });
    else known.values.push(value);
  }
  if (isTooLong)
    warnings.push({ code: 'TEXT_LIMIT', message: 'An IPTC text is longer than 4 kB.', field: 'iptc' });
  return values;
}

function readValue({ record, dataset, data }: Dataset, coding: string | undefined): unknown {
  const kind = kindOfDataset(record, dataset);
  if (kind === 'number' && data.length <= 4) return data.length === 0 ? '' : numberOf(data);
  if (kind !== 'text' || data.length > MAX_TEXT_CHARACTERS) return truncated(data.length);
  return decodeIptcText(data, coding);
}

function describeIptc(values: ReadonlyMap<string, Value>): IptcSection {
  const texts = (key: string) => values.get(key)?.values.filter((value) => typeof value === 'string') ?? [];
  const iptc: IptcSection = {
    tags: Object.fromEntries(
      [...values.values()].map(({ name, values: [first, ...more] }) => [
        name,
        more.length === 0 ? first : [first, ...more],
      ]),
    ),
  };
  for (const [field, key] of FIELDS) {
    const [text] = texts(key);
    if (text !== undefined) iptc[field] = text;
  }
  for (const [field, key] of LISTS) {
    const list = texts(key);
    if (list.length > 0) iptc[field] = list;
  }
  const [date] = texts('2:55');
  const [time] = texts('2:60');
  const createdAt = isoDate(date, time);
  if (createdAt !== undefined) iptc.createdAt = createdAt;
  return iptc;
}

const FIELDS = [
  ['title', '2:5'],
  ['headline', '2:105'],
  ['caption', '2:120'],
  ['credit', '2:110'],
  ['copyright', '2:116'],
  ['city', '2:90'],
  ['country', '2:101'],
] as const;
const LISTS = [
  ['keywords', '2:25'],
  ['byline', '2:80'],
] as const;

/** CCYYMMDD, where 00 is not known, and as some programs write it, with separators (IIM 4.2, 2:55). */
const DATE = /^(\d{4})[-:/]?(0[0-9]|1[0-2])[-:/]?([0-2][0-9]|3[01])/;
/** HHMMSS and the distance from UTC, which many leave out (IIM 4.2, 2:60). */
const TIME = /^([01]\d|2[0-3]):?([0-5]\d):?([0-5]\d|60)(?:([+-])(\d\d):?(\d\d))?/;

function isoDate(date: string | undefined, time: string | undefined): string | undefined {
  const [, year, month, day] = DATE.exec(date ?? '') ?? [];
  if (year === undefined || year === '0000') return undefined;
  if (month === '00') return year;
  if (day === '00') return `${year}-${month}`;
  const [, hours, minutes, seconds, sign, zoneHours, zoneMinutes] = TIME.exec(time ?? '') ?? [];
  const zone = sign === undefined ? '' : `${sign}${zoneHours}:${zoneMinutes}`;
  return `${year}-${month}-${day}${hours === undefined ? '' : `T${hours}:${minutes}:${seconds}${zone}`}`;
}
