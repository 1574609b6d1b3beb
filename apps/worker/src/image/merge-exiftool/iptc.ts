// IPTC records where our reader has none; ExifTool's names of datasets are the ones used here.
import type { Metadata } from '@tintype/core/contract';
import { known } from '../known.ts';
import { isoDate } from '../tags/exif-dates.ts';
import { cleanValue } from './clean-value.ts';
import { type ExifToolFacts, MAX_SECTION_TAGS } from './facts.ts';
import { fillSection } from './fill-section.ts';

export function mergeIptc(document: Metadata, facts: ExifToolFacts): Metadata {
  const records = facts.tags.filter(({ family }) => family === 'IPTC').slice(0, MAX_SECTION_TAGS);
  if (document.iptc !== null || records.length === 0) return document;
  const { text, texts } = facts;
  const day = text('IPTC:DateCreated');
  const createdAt = isoDate(`${day} ${text('IPTC:TimeCreated')}`) ?? isoDate(day);
  const tags = records.map(({ name, value: record }) => [name, cleanValue(record)] as const);
  const iptc = known({
    title: text('IPTC:ObjectName'),
    headline: text('IPTC:Headline'),
    caption: text('IPTC:Caption-Abstract'),
    keywords: texts('IPTC:Keywords'),
    byline: texts('IPTC:By-line'),
    credit: text('IPTC:Credit'),
    copyright: text('IPTC:CopyrightNotice'),
    city: text('IPTC:City'),
    country: text('IPTC:Country-PrimaryLocationName'),
    createdAt,
    tags: Object.fromEntries(tags.filter(([, clean]) => clean !== undefined)),
  });
  return fillSection(document, 'iptc', iptc);
}
