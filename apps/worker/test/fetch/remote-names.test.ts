import t from 'tap';
import { fileNameOf, mimeTypeIn } from '../../src/fetch/remote-names.ts';

const NAMES: [string, string | string[] | undefined, string | null][] = [
  // By the URL.
  ['https://example.com/a/plate.jpg', undefined, 'plate.jpg'],
  ['https://example.com/a/plate.jpg?size=large#x', undefined, 'plate.jpg'],
  ['https://example.com/Gl%C3%A4ser%20rot.jpg', undefined, 'Gläser rot.jpg'],
  ['https://example.com/a%2Fb%5Cc.jpg', undefined, 'c.jpg'],
  ['https://example.com/%2e%2e%2fpasswd', undefined, 'passwd'],
  ['https://example.com/bad%E0%A4.jpg', undefined, 'bad%E0%A4.jpg'],
  ['https://example.com/a%00b%0A.jpg', undefined, 'ab.jpg'],
  ['https://example.com/', undefined, null],
  ['https://example.com', undefined, null],
  ['https://example.com/a/', undefined, null],
  ['https://example.com/a/%2e%2e%2f%2e%2e', undefined, null],
  [`https://example.com/${'a'.repeat(300)}.jpg`, undefined, `${'a'.repeat(251)}.jpg`],
  // By Content-Disposition, which comes first.
  ['https://example.com/x', 'attachment; filename="plate.jpg"', 'plate.jpg'],
  ['https://example.com/x', 'inline; filename=plate.jpg', 'plate.jpg'],
  ['https://example.com/x', `attachment; filename="a.jpg"; filename*=UTF-8''%e2%82%ac.jpg`, '€.jpg'],
  ['https://example.com/x', 'attachment; filename="../../etc/passwd"', 'passwd'],
  ['https://example.com/x', 'attachment; filename="C:\\\\temp\\\\plate.jpg"', 'plate.jpg'],
  ['https://example.com/x', ['attachment; filename=first.jpg', 'attachment; filename=b.jpg'], 'first.jpg'],
  ['https://example.com/x', 'attachment', 'x'],
  ['https://example.com/x', 'attachment; filename=""', 'x'],
  ['https://example.com/x', 'attachment; filename=".."', 'x'],
  ['https://example.com/x', 'this ; is ; nonsense = =', 'x'],
  ['https://example.com/x', `attachment; filename*=UTF-8''%ff%fe`, 'x'],
];

for (const [url, disposition, expected] of NAMES) {
  t.test(`${url.slice(0, 60)} ${disposition ?? ''}`, async (t) => {
    t.equal(fileNameOf(new URL(url), disposition), expected);
  });
}

const TYPES: [string | string[] | undefined, string | null][] = [
  ['image/jpeg', 'image/jpeg'],
  ['Image/JPEG; charset=binary', 'image/jpeg'],
  ['image/svg+xml;q=1', 'image/svg+xml'],
  ['application/vnd.adobe.photoshop', 'application/vnd.adobe.photoshop'],
  [['image/png', 'image/gif'], 'image/png'],
  [undefined, null],
  ['', null],
  ['jpeg', null],
  ['image/', null],
  ['image/jp eg', null],
  ['image/jpeg/x', null],
  [`image/${'x'.repeat(200)}`, `image/${'x'.repeat(121)}`],
];

for (const [header, expected] of TYPES) {
  t.test(`Content-Type: ${String(header).slice(0, 60)}`, async (t) => {
    t.equal(mimeTypeIn(header), expected);
  });
}
