// What name, declaration and content say about the file, where they disagree, and whether the file is whole.
import { FORMATS, type Metadata, type MetadataWarning } from '@tintype/core/contract';
import { extensionIn, type FileFacts } from './file-facts.ts';
import { findPolyglot } from './find-polyglot.ts';
import type { Header } from './header.ts';
import { known } from './known.ts';
import { matchDeclared, mismatchesOf } from './match-declared.ts';

export interface FileDescription {
  file: Metadata['file'];
  warnings: MetadataWarning[];
}

/** @param body the bytes that are here; fewer than the file's where only its beginning was fetched */
export function describeFile(facts: FileFacts, header: Header, body: Uint8Array): FileDescription {
  const format = header.format ?? facts.format;
  const isWhole = body.length === facts.bytes;
  const mimeType = header.mimeType ?? FORMATS[format].mimeType;
  const extension = extensionIn(facts.fileName);
  const declaredMimeType = facts.declaredMimeType ?? undefined;
  const trailingBytes = isWhole && header.end !== undefined ? body.length - header.end : undefined;
  const file: Metadata['file'] = known({
    name: facts.fileName ?? undefined,
    bytes: facts.bytes,
    extension,
    declaredMimeType,
    format,
    mimeType,
    formatVersion: header.formatVersion,
    ...matchDeclared(format, mimeType, known({ extension, declaredMimeType })),
    trailingBytes: trailingBytes === undefined ? undefined : Math.max(0, trailingBytes),
    // A walk that did not get to the end does not know.
    truncated: isWhole ? (header.truncated ?? (header.end === undefined ? undefined : false)) : undefined,
    polyglot: isWhole ? findPolyglot(body, header.end) : undefined,
  });
  return { file, warnings: [...mismatchesOf(file), ...warningsOf(file)] };
}

function warningsOf(file: Metadata['file']): MetadataWarning[] {
  const { trailingBytes = 0 } = file;
  const found: [odd: boolean | undefined, code: MetadataWarning['code'], message: string, field: string][] = [
    [file.truncated, 'TRUNCATED', 'The file ends before the image does.', 'file.truncated'],
    [
      trailingBytes > 0,
      'TRAILING_BYTES',
      `${trailingBytes} bytes stand behind the end of the image.`,
      'file.trailingBytes',
    ],
    [
      file.polyglot !== undefined,
      'POLYGLOT',
      `The file can also be read as ${file.polyglot}.`,
      'file.polyglot',
    ],
  ];
  return found.flatMap(([odd, code, message, field]) => (odd === true ? [{ code, message, field }] : []));
}
