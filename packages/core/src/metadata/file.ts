// Facts about the file itself, and whether it is whole.
import { Type } from 'typebox';
import { count, flag, opt, text } from './field.ts';

export const FileSection = Type.Object({
  name: opt(text('Name given at upload.', { source: 'upload' })),
  bytes: count('Size of the file.', { unit: 'B', source: 'upload' }),
  extension: opt(text('Extension of the name, lower case, without the dot.', { source: 'upload' })),
  declaredMimeType: opt(text('Media type that the client declared.', { source: 'upload' })),
  format: text('Format by content: jpeg, png, webp, …', { source: 'header' }),
  mimeType: text('Media type by content.', { source: 'header' }),
  formatVersion: opt(
    text('Version or variant that the format states: 1.01, 89a, BigTIFF, …', { source: 'header' }),
  ),
  extensionMatches: opt(flag('Whether the extension is one of the format.', { source: 'header' })),
  mimeMatches: opt(flag('Whether the declared media type is the one of the format.', { source: 'header' })),
  trailingBytes: opt(count('Bytes behind the end of the image.', { unit: 'B', source: 'header' })),
  truncated: opt(flag('The file ends before the image does.', { source: 'header' })),
  polyglot: opt(
    text('Another kind of file that begins inside this one: zip, pdf, html, …', { source: 'header' }),
  ),
});
