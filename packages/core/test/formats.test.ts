import t from 'tap';
import { FORMATS, mimeTypeOf, originalKey } from '../src/index.ts';

t.test('each format has a media type of its own, and no extension stands for two', async (t) => {
  const formats = Object.values(FORMATS);
  t.equal(new Set(formats.map(({ mimeType }) => mimeType)).size, formats.length);
  const extensions = formats.flatMap((format): string[] => [...format.extensions]);
  t.equal(new Set(extensions).size, extensions.length);
  for (const extension of extensions) t.match(extension, /^[a-z0-9]+$/);
});

for (const [format, expected] of [
  ['jpeg', 'image/jpeg'],
  ['svg', 'image/svg+xml'],
  ['psd', 'image/vnd.adobe.photoshop'],
  ['hdr', 'image/vnd.radiance'],
  ['eps', 'application/postscript'],
  ['unheard-of', 'application/octet-stream'],
  ['', 'application/octet-stream'],
  ['constructor', 'application/octet-stream'],
  ['__proto__', 'application/octet-stream'],
] as const) {
  t.test(`the media type of "${format}"`, async (t) => {
    t.equal(mimeTypeOf(format), expected);
  });
}

t.test('a key begins with its tenant', async (t) => {
  t.equal(originalKey('tenant', 'image'), 'tenant/original/image');
});
