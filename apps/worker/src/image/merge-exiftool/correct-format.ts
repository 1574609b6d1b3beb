// Which camera's format a TIFF is, where our own reader could not tell.
import { FORMATS, type ImageFormat, type Metadata } from '@tintype/core/contract';
import { matchDeclared, mismatchesOf } from '../match-declared.ts';
import type { ExifToolFacts } from './facts.ts';

/** ExifTool's file types that are TIFFs inside. */
const CAMERA_FORMATS: Readonly<Record<string, ImageFormat>> = {
  DNG: 'dng',
  NEF: 'nef',
  NRW: 'nef',
  ARW: 'arw',
  SR2: 'arw',
  SRF: 'arw',
  PEF: 'pef',
  SRW: 'srw',
  CR2: 'cr2',
};

export function correctFormat(document: Metadata, facts: ExifToolFacts): Metadata {
  const format = CAMERA_FORMATS[facts.text('File:FileType') ?? ''];
  // ExifTool believes in extensions; no camera leaves its maker out.
  const hasMaker = facts.text('IFD0:Make') !== undefined;
  if (document.file.format !== 'tiff' || format === undefined || !hasMaker) return document;
  const { mimeType } = FORMATS[format];
  const file = { ...document.file, format, mimeType, ...matchDeclared(format, mimeType, document.file) };
  return {
    ...document,
    file,
    warnings: [...document.warnings.filter(({ code }) => !IS_MISMATCH.has(code)), ...mismatchesOf(file)],
    sources: { ...document.sources, 'file.format': 'exiftool' },
  };
}

const IS_MISMATCH: ReadonlySet<string> = new Set(['EXTENSION_MISMATCH', 'MIME_MISMATCH']);
