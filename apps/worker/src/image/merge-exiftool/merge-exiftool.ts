// What ExifTool knows is put into the document where nothing stands yet: a fact of our own readers stays, and where ExifTool tells
// another one about size, depth or frames, a warning names both. Only of cameras' raw formats ExifTool knows better.
import type { Metadata, MetadataWarning } from '@tintype/core/contract';
import { withoutNul } from '../without-nul.ts';
import type { ExifToolAnswer, ExifToolFailure } from './answer.ts';
import { correctFormat } from './correct-format.ts';
import { crossCheckExifTool } from './cross-check.ts';
import { mergeExif } from './exif.ts';
import { addExtra } from './extra.ts';
import { type ExifToolFacts, factsOf } from './facts.ts';
import { mergeGps } from './gps.ts';
import { mergeIcc } from './icc.ts';
import { mergeImage } from './image.ts';
import { mergeIptc } from './iptc.ts';
import { mergePrivacy } from './privacy.ts';
import { mergeXmp } from './xmp.ts';

const UNAVAILABLE: MetadataWarning = {
  code: 'EXIFTOOL_UNAVAILABLE',
  message: 'ExifTool is not available here: what only it knows is missing.',
};

const FAILURES: Readonly<Record<ExifToolFailure, string>> = {
  timeout: 'ExifTool took too long and was stopped.',
  memory: 'ExifTool needed more memory than one file may.',
  crashed: 'ExifTool ended before it had read the file.',
  'too-long': 'ExifTool found more tags than a document can hold.',
  unintelligible: 'ExifTool gave no answer that can be read.',
  disk: 'There was no room for the file that ExifTool should read.',
};

/** A later step may rely on the ones before it. */
const STEPS: readonly ((document: Metadata, facts: ExifToolFacts) => Metadata)[] = [
  correctFormat,
  crossCheckExifTool,
  mergeExif,
  mergeGps,
  mergeIptc,
  mergeXmp,
  mergeIcc,
  mergeImage,
  mergePrivacy,
  addExtra,
];

/** Never loses anything of the document. Where ExifTool did not answer, it stays one of the fast profile, with a warning. */
export function mergeExifTool(document: Metadata, answer: ExifToolAnswer): Metadata {
  if ('unavailable' in answer) return warned(document, UNAVAILABLE);
  if ('failed' in answer) return warned(document, failure(FAILURES[answer.failed]));
  const facts = factsOf(answer.tags);
  const begun: Metadata = {
    ...document,
    profile: 'full',
    tools: { ...document.tools, exiftool: answer.version },
  };
  return withoutNul(
    STEPS.reduce((merged, step) => step(merged, facts), complained(begun, facts.text('ExifTool:Error'))),
  );
}

/** A format that ExifTool does not know is nobody's failure. */
function complained(document: Metadata, error: string | undefined): Metadata {
  if (error === undefined || /^Unknown file type/.test(error)) return document;
  return warned(document, failure(`ExifTool can not read the file: ${error.slice(0, 200)}`));
}

function failure(message: string): MetadataWarning {
  return { code: 'EXIFTOOL_FAILED', message };
}

function warned(document: Metadata, warning: MetadataWarning): Metadata {
  return { ...document, warnings: [...document.warnings, warning] };
}
