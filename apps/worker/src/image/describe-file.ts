// What name, declaration and content say about the file, and where they disagree.
import { FORMATS, type Metadata, type MetadataWarning } from '@tintype/core/contract';
import type { FileFacts } from './file-facts.ts';
import { known } from './known.ts';

export function describeFile({ bytes, format, fileName, declaredMimeType }: FileFacts): {
  file: Metadata['file'];
  warnings: MetadataWarning[];
} {
  const { mimeType, extensions } = FORMATS[format];
  const extension = /\.([A-Za-z0-9]{1,10})$/.exec(fileName ?? '')?.[1]?.toLowerCase();
  const extensionMatches =
    extension === undefined ? undefined : (extensions as readonly string[]).includes(extension);
  const mimeMatches = isDeclared(declaredMimeType) ? declaredMimeType === mimeType : undefined;

  const warnings: MetadataWarning[] = [];
  if (extensionMatches === false) {
    warnings.push({
      code: 'EXTENSION_MISMATCH',
      message: `A ${format} file is named .${extension}.`,
      field: 'file.extension',
    });
  }
  if (mimeMatches === false) {
    const message = `A ${format} file was declared as ${declaredMimeType}.`;
    warnings.push({ code: 'MIME_MISMATCH', message, field: 'file.declaredMimeType' });
  }
  const file = {
    name: fileName ?? undefined,
    bytes,
    extension,
    declaredMimeType: declaredMimeType ?? undefined,
    format,
    mimeType,
    extensionMatches,
    mimeMatches,
  };
  return { file: known(file), warnings };
}

/** Clients that know no type say so with this one. */
function isDeclared(mimeType: string | null): boolean {
  return mimeType !== null && mimeType !== 'application/octet-stream';
}
