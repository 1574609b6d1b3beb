// Makers' notes and whatever else has no place in the document, as Group:Tag, within bounds.
import type { Metadata } from '@tintype/core/contract';
import { cleanValue } from './clean-value.ts';
import type { ExifToolFacts, ExifToolTag } from './facts.ts';

const MAX_ENTRIES = 1000;
const MAX_JSON_BYTES = 65_536;
const MAX_NAME_CHARACTERS = 200;

/** What stands in sections of its own, is composed from other tags, or tells of the server's file. */
const ELSEWHERE = new Set(['EXIF', 'IPTC', 'XMP', 'ICC_Profile', 'Composite', 'ExifTool', 'File', 'System']);
const EXIF_SECTION = new Set(['IFD0', 'ExifIFD', 'InteropIFD', 'GPS', 'IFD1']);

export function addExtra(document: Metadata, { tags }: ExifToolFacts): Metadata {
  const wanted = tags.filter(isWanted);
  // Makers' notes first: the rest may not crowd them out.
  const ordered = [...wanted.filter(isNote), ...wanted.filter((tag) => !isNote(tag))];
  const extra = new Map<string, unknown>();
  let jsonBytes = 2;
  let isCut = false;
  for (const { group, name, value } of ordered) {
    const key = `${group}:${name}`;
    const clean = key.length > MAX_NAME_CHARACTERS || extra.has(key) ? undefined : cleanValue(value);
    if (clean === undefined) continue;
    const bytes = Buffer.byteLength(JSON.stringify({ [key]: clean })) - 1;
    if (extra.size >= MAX_ENTRIES || jsonBytes + bytes > MAX_JSON_BYTES) isCut = true;
    else {
      extra.set(key, clean);
      jsonBytes += bytes;
    }
  }
  if (extra.size === 0) return document;
  const cut = {
    code: 'TEXT_LIMIT',
    message: 'ExifTool found more than stands here.',
    field: 'extra',
  } as const;
  return {
    ...document,
    extra: Object.fromEntries(extra),
    warnings: isCut ? [...document.warnings, cut] : document.warnings,
    sources: { ...document.sources, extra: 'exiftool' },
  };
}

function isNote({ family }: ExifToolTag): boolean {
  return family === 'MakerNotes';
}

function isWanted({ family, group, name }: ExifToolTag): boolean {
  // Comments of JPEG and GIF files.
  if (family === 'File') return name === 'Comment';
  return !ELSEWHERE.has(family) || (family === 'EXIF' && !EXIF_SECTION.has(group));
}
