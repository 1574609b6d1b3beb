// Reads the parts of an upload in the order they come: one file named "image", and the fields about it.
import type { Multipart, MultipartFile, MultipartValue } from '@fastify/multipart';
import { AppError, type OutgoingRules } from '@tintype/core';
import { invalid, storable } from './image-fields.ts';
import { FIELD_NAMES, type JobFields, noFields, readField } from './job-fields.ts';

export interface UploadForm<Stored> extends JobFields {
  stored: Stored;
  fileName: string | null;
  declaredMimeType: string | null;
}

export interface FormReader<Stored> {
  /** Is given the file as soon as its part begins and must read it to its end. */
  store: (file: MultipartFile) => Promise<Stored>;
  /** Takes back what was stored, when a later part is wrong. */
  discard: (stored: Stored) => Promise<void>;
  rules: OutgoingRules;
}

/**
 * @throws AppError IMAGE_PART_MISSING, TOO_MANY_FILES, UNKNOWN_PART, INVALID_REQUEST, BAD_JSON, URL_NOT_ALLOWED and whatever `store`
 * throws
 */
export async function readForm<Stored>(
  parts: AsyncIterable<Multipart>,
  { store, discard, rules }: FormReader<Stored>,
): Promise<UploadForm<Stored>> {
  const fields = noFields();
  let file: { stored: Stored; part: MultipartFile } | undefined;
  try {
    for await (const part of parts) {
      if (part.type === 'field') readPart(fields, part, rules);
      else if (part.fieldname !== 'image') throw unknownPart(part.fieldname);
      else if (file !== undefined) throw new AppError('TOO_MANY_FILES');
      else file = { stored: await store(part), part };
    }
  } catch (error) {
    if (file !== undefined) await discard(file.stored);
    throw error;
  }
  if (file === undefined) throw new AppError('IMAGE_PART_MISSING');
  const { stored, part } = file;
  return {
    stored,
    fileName: clean(part.filename, 255),
    declaredMimeType: clean(part.mimetype, 127),
    ...fields,
  };
}

function readPart(
  fields: JobFields,
  { fieldname, value, valueTruncated }: MultipartValue,
  rules: OutgoingRules,
): void {
  if (fieldname === 'image')
    throw new AppError('IMAGE_PART_MISSING', {
      message: 'The part "image" must be a file: it needs a filename.',
    });
  if (valueTruncated === true && FIELD_NAMES.includes(fieldname)) throw invalid(fieldname, 'is too long');
  if (!readField(fields, [fieldname, value], rules)) throw unknownPart(fieldname);
}

function clean(value: string | undefined, maxCharacters: number): string | null {
  const text = storable(value ?? '').normalize('NFC');
  return text === '' ? null : [...text].slice(-maxCharacters).join('');
}

/** A part may have no name at all, whatever the parser's types say. */
function unknownPart(name = ''): AppError {
  const problems = [{ pointer: `/${name.slice(0, 100)}`, message: 'is not known here' }];
  return new AppError('UNKNOWN_PART', {
    message: `The parts known here are ${[...FIELD_NAMES, 'image'].join(', ')}.`,
    problems,
  });
}
