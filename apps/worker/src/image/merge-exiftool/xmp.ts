// XMP where our reader has none. ExifTool capitalizes names and shortens prefixes: both are put back where that is certain.
import type { Metadata } from '@tintype/core/contract';
import { known } from '../known.ts';
import { lookUp } from '../look-up.ts';
import { isoDate } from '../tags/exif-dates.ts';
import { cleanValue } from './clean-value.ts';
import { type ExifToolFacts, MAX_SECTION_TAGS } from './facts.ts';
import { fillSection } from './fill-section.ts';

const PREFIXES: Readonly<Record<string, string>> = {
  iptcCore: 'Iptc4xmpCore',
  iptcExt: 'Iptc4xmpExt',
  microsoft: 'MicrosoftPhoto',
};

/** Namespaces whose properties begin with a small letter. */
const SMALL = new Set(['dc', 'lr', 'xmpDM', 'xmpBJ', 'stEvt', 'stRef', 'pdfx']);

export function mergeXmp(document: Metadata, facts: ExifToolFacts): Metadata {
  const properties = facts.tags.filter(({ family }) => family === 'XMP').slice(0, MAX_SECTION_TAGS);
  if (document.xmp !== null || properties.length === 0) return document;
  const { text, texts, number } = facts;
  const tags = properties.map(
    ({ group, name, value: one }) => [propertyOf(group, name), cleanValue(one)] as const,
  );
  const xmp = known({
    title: text('XMP-dc:Title'),
    description: text('XMP-dc:Description'),
    creators: texts('XMP-dc:Creator'),
    rights: text('XMP-dc:Rights'),
    keywords: texts('XMP-dc:Subject'),
    rating: number('XMP-xmp:Rating'),
    creatorTool: text('XMP-xmp:CreatorTool'),
    createdAt: isoDate(text('XMP-xmp:CreateDate')),
    modifiedAt: isoDate(text('XMP-xmp:ModifyDate')),
    tags: Object.fromEntries(tags.filter(([, clean]) => clean !== undefined)),
  });
  return fillSection(document, 'xmp', xmp);
}

/** 'XMP-dc', 'Title' → 'dc:title'. */
function propertyOf(group: string, name: string): string {
  const prefix = group.replace(/^XMP-/, '');
  const property = SMALL.has(prefix) ? name.charAt(0).toLowerCase() + name.slice(1) : name;
  return `${lookUp(PREFIXES, prefix) ?? prefix}:${property}`;
}
