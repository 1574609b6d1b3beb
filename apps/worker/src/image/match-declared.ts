// Whether name and declaration of a file fit what its bytes say that it is.
import { FORMATS, type ImageFormat, type Metadata, type MetadataWarning } from '@tintype/core/contract';

type File = Metadata['file'];

/** Nothing of what was not given: no name, or the type that clients declare who know none. */
export function matchDeclared(
  format: ImageFormat,
  mimeType: string,
  { extension, declaredMimeType }: Pick<File, 'extension' | 'declaredMimeType'>,
): Pick<File, 'extensionMatches' | 'mimeMatches'> {
  const extensions: readonly string[] = FORMATS[format].extensions;
  const isDeclared = declaredMimeType !== undefined && declaredMimeType !== 'application/octet-stream';
  return {
    ...(extension !== undefined && { extensionMatches: extensions.includes(extension) }),
    ...(isDeclared && { mimeMatches: [mimeType, FORMATS[format].mimeType].includes(declaredMimeType) }),
  };
}

export function mismatchesOf(file: File): MetadataWarning[] {
  const { format, extension, declaredMimeType, extensionMatches, mimeMatches } = file;
  const warnings: MetadataWarning[] = [];
  if (extensionMatches === false) {
    const message = `A ${format} file is named .${extension}.`;
    warnings.push({ code: 'EXTENSION_MISMATCH', message, field: 'file.extension' });
  }
  if (mimeMatches === false) {
    const message = `A ${format} file was declared as ${declaredMimeType}.`;
    warnings.push({ code: 'MIME_MISMATCH', message, field: 'file.declaredMimeType' });
  }
  return warnings;
}
