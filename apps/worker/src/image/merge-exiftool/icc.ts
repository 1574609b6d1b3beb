// The colour profile where our reader has none (ICC.1:2022, 7.2).
import type { Metadata } from '@tintype/core/contract';
import { known } from '../known.ts';
import { isoDate } from '../tags/exif-dates.ts';
import { DEVICE_CLASSES, RENDERING_INTENTS } from '../tags/icc.ts';
import { binaryBytes, type ExifToolFacts } from './facts.ts';
import { fillSection } from './fill-section.ts';

export function mergeIcc(document: Metadata, facts: ExifToolFacts): Metadata {
  const bytes = binaryBytes(facts.value('ICC_Profile:ICC_Profile'));
  if (document.icc !== null || bytes === undefined) return document;
  const header = (name: string) => facts.text(`ICC-header:${name}`);
  const createdAt = isoDate(header('ProfileDateTime'));
  const icc = known({
    description: facts.text('ICC_Profile:ProfileDescription'),
    bytes,
    version: versionOf(facts.number('ICC-header:ProfileVersion')),
    deviceClass: DEVICE_CLASSES[header('ProfileClass') ?? ''],
    colorSpace: header('ColorSpaceData')?.toLowerCase(),
    connectionSpace: header('ProfileConnectionSpace')?.toLowerCase(),
    renderingIntent: RENDERING_INTENTS[facts.number('ICC-header:RenderingIntent') ?? -1],
    createdAt: createdAt === undefined ? undefined : `${createdAt}Z`,
    manufacturer: header('DeviceManufacturer'),
    copyright: facts.text('ICC_Profile:ProfileCopyright'),
  });
  return fillSection(document, 'icc', icc);
}

/** The first two bytes of the field: major, then minor and bug fix in half a byte each. */
function versionOf(number: number | undefined): string | undefined {
  return number === undefined ? undefined : `${number >> 8}.${(number >> 4) & 15}`;
}
