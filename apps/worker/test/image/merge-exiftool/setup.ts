// A document of the fast profile, ExifTool's tags, and what comes of both.
import { Metadata } from '@tintype/core';
import t from 'tap';
import { Value } from 'typebox/value';
import { mergeExifTool } from '../../../src/image/merge-exiftool/merge-exiftool.ts';

export type Tags = Record<string, unknown>;
export type Change = { [Key in keyof Metadata]?: unknown };

/** What the fast profile says of a JPEG of 600 by 400 without any tags. */
export function documentOf(change: Change = {}): Metadata {
  const absent = { exif: 'absent', gps: 'absent', iptc: 'absent', xmp: 'absent', icc: 'absent' };
  const document = {
    schemaVersion: 2,
    extractorVersion: '0.2.0',
    profile: 'fast',
    extractedAt: '2026-11-21T12:00:00.000Z',
    tools: { tintype: '0.2.0' },
    file: { bytes: 1000, format: 'jpeg', mimeType: 'image/jpeg' },
    image: { width: 600, height: 400, storedWidth: 600, storedHeight: 400, bitDepth: 8, pages: 1 },
    encoding: {},
    compression: {},
    color: {},
    icc: null,
    animation: null,
    has: { exif: false, gps: false, iptc: false, xmp: false, icc: false, thumbnail: false },
    exif: null,
    gps: null,
    iptc: null,
    xmp: null,
    provenance: { c2pa: false },
    privacy: { hasGps: false, hasSerialNumbers: false, hasOwner: false, thumbnailLeaks: false },
    hashes: { sha256: 'ab' },
    sections: { header: 'ok', ...absent, pixels: 'skipped' },
    warnings: [],
    sources: { image: 'header' },
    ...change,
  };
  return document as Metadata;
}

export const file = (format: string, more: object = {}) => ({
  bytes: 1000,
  format,
  mimeType: `image/${format}`,
  ...more,
});
export const stored = (storedWidth: number, storedHeight: number, more: object = {}) => ({
  width: storedWidth,
  height: storedHeight,
  storedWidth,
  storedHeight,
  ...more,
});

export function merge(change: Change, tags: Tags): Metadata {
  return mergeExifTool(documentOf(change), { tags, version: '13.59' });
}

export const BINARY = '(Binary data 5402 bytes, use -b option to extract)';

export interface Case {
  name: string;
  /** What the document says before, besides that of {@link documentOf}. */
  document?: Change;
  tags: Tags;
  expect?: Change;
  /** Paths at which nothing stands; a dot within a name is escaped. */
  without?: string[];
}

export const NEF: Tags = {
  'File:FileType': 'NEF',
  'EXIF:IFD0:SubfileType': '1',
  'EXIF:IFD0:ImageWidth': '160',
  'EXIF:IFD0:ImageHeight': '120',
  'EXIF:IFD0:Make': 'NIKON CORPORATION',
  'EXIF:IFD0:Orientation': '8',
  'EXIF:SubIFD:SubfileType': '1',
  'EXIF:SubIFD:ImageWidth': '6000',
  'EXIF:SubIFD:ImageHeight': '4000',
  'EXIF:SubIFD1:SubfileType': '0',
  'EXIF:SubIFD1:ImageWidth': '4310',
  'EXIF:SubIFD1:ImageHeight': '2868',
  'EXIF:SubIFD1:BitsPerSample': '12',
  'Composite:ImageSize': '4288 2848',
};

function at(document: Metadata, path: string): unknown {
  let value: unknown = document;
  for (const key of path.split(/(?<!\\)\./)) value = (value as Tags | undefined)?.[key.replace('\\.', '.')];
  return value;
}

export function testCases(cases: readonly Case[]): void {
  for (const { name, document = {}, tags, expect = {}, without = [] } of cases) {
    t.test(name, async (t) => {
      const before = JSON.stringify(documentOf(document));
      const merged = merge(document, tags);
      t.match(merged, expect);
      for (const path of without) t.equal(at(merged, path), undefined, `without ${path}`);
      if (Array.isArray(expect.warnings)) t.equal(merged.warnings.length, expect.warnings.length);
      t.same([...Value.Errors(Metadata, merged)], [], 'as the schema says');
      t.equal(JSON.stringify(documentOf(document)), before, 'the given document stays as it was');
    });
  }
}
