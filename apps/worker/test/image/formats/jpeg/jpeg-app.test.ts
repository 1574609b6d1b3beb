import t from 'tap';
import { frame, join, jpeg, type Part, read, scan, segment, u16, u32 } from './jpeg-builder.ts';

t.test('blocks of tags', async (t) => {
  const tiff = join('II*\0', u32(0x08000000), 'tags');
  const of = (...parts: Part[]) => read(jpeg(...parts, frame(0xc0), scan())).blocks;
  const text = (block: Uint8Array | undefined) => block && Buffer.from(block).toString('latin1');

  t.strictSame(Buffer.from(of(segment(0xe1, 'Exif\0\0', tiff)).exif ?? []), tiff, 'EXIF');
  t.strictSame(Buffer.from(of(segment(0xe1, 'Exif\0\0\0\0', tiff)).exif ?? []), tiff, 'EXIF with padding');
  t.strictSame(Buffer.from(of(segment(0xe1, tiff)).exif ?? []), tiff, 'EXIF without a name');
  const carriedOn = of(segment(0xe1, 'Exif\0\0', tiff), segment(0xe1, 'Exif\0\0more'));
  t.equal(text(carriedOn.exif)?.slice(-8), 'tagsmore', 'EXIF of two segments');
  const twice = of(segment(0xe1, 'Exif\0\0', tiff), segment(0xe1, 'Exif\0\0MM\0*'));
  t.equal(twice.exif?.length, tiff.length, 'a second EXIF is not of the first');
  t.match(read(jpeg(segment(0xe1, 'Exif\0\0nothing'))).warnings, [
    { code: 'HEADER_MALFORMED', field: 'exif' },
  ]);

  const comments = of(segment(0xfe, 'caf\xe9\0'), segment(0xfe, 'caf\xc3\xa9'), segment(0xfe));
  t.strictSame(comments.texts, [
    ['Comment', 'café'],
    ['Comment', 'café'],
  ]);
  const tooMuch = read(jpeg(...Array(20).fill(segment(0xfe, 'x'.repeat(65000)))));
  t.match(tooMuch.warnings, [{ code: 'TEXT_LIMIT' }]);

  const icc = (number: number, count: number, content: string) =>
    segment(0xe2, 'ICC_PROFILE\0', number, count, content);
  const size = join(u32(7)).toString('latin1');
  t.equal(text(of(icc(1, 1, `${size}abc`)).icc), `${size}abc`);
  t.equal(text(of(icc(2, 9, 'bc'), icc(1, 9, `${size}a`)).icc), `${size}abc`, 'out of order, wrong count');
  t.equal(text(of(icc(1, 1, `${size}a`), icc(1, 1, 'bc')).icc), `${size}abc`, 'all have one number');
  t.equal(text(of(icc(1, 1, `${size}abc`), icc(1, 1, `${size}xyz`)).icc), `${size}abc`, 'the first of two');
  t.equal(of(icc(1, 1, '')).icc, undefined);

  t.equal(
    text(of(segment(0xed, 'Photoshop 3.0\x008BIMab'), segment(0xed, 'Photoshop 3.0\0cd')).photoshop),
    '8BIMabcd',
  );
  t.equal(text(of(segment(0xed, '\x1c\x02\x05')).iptc), '\x1c\x02\x05', 'records without resources');
});

t.test('XMP and its extension', async (t) => {
  const guid = '0123456789ABCDEF0123456789ABCDEF';
  const main = segment(0xe1, `http://ns.adobe.com/xap/1.0/\0<x xmpNote:HasExtendedXMP="${guid}"/>`);
  const portion = (id: string, length: number, offset: number, content: string) =>
    segment(0xe1, 'http://ns.adobe.com/xmp/extension/\0', id, u32(length), u32(offset), content);
  const packets = (...parts: Part[]) => {
    const { blocks, warnings } = read(jpeg(...parts, frame(0xc0), scan()));
    return { xmp: blocks.xmp?.map((packet) => Buffer.from(packet).toString()), warnings };
  };
  const packet = `<x xmpNote:HasExtendedXMP="${guid}"/>`;

  t.strictSame(packets(main), { xmp: [packet], warnings: [] });
  const misspelt = segment(0xe1, 'XMP\0://ns.adobe.com/xap/1.0/\0<x/>');
  t.strictSame(packets(misspelt), { xmp: ['<x/>'], warnings: [] });
  t.strictSame(
    packets(portion(guid, 6, 3, 'def'), main, portion(guid, 6, 0, 'abc'), portion(guid, 6, 3, 'def')),
    { xmp: [packet, 'abcdef'], warnings: [] },
    'in any order, and twice',
  );
  for (const [name, ...parts] of [
    ['a portion is missing', portion(guid, 6, 3, 'def')],
    ['it ends too early', portion(guid, 9, 0, 'abc')],
    ['it is of another packet', portion(guid.replaceAll('0', '9'), 3, 0, 'abc')],
    ['it claims 4 GiB', portion(guid, 0xffffffff, 0, 'abc')],
    ['it is only a head', portion(guid, 3, 0, '')],
  ] as const) {
    t.match(packets(main, ...parts), { xmp: [packet], warnings: [{ field: 'xmp' }] }, name);
  }
});

t.test('content credentials', async (t) => {
  const manifest = join(u32(60), 'jumb', u32(30), 'jumdc2pa', Buffer.alloc(20), 'manifests');
  const packet = (instance: number, number: number, content: Uint8Array) =>
    segment(0xeb, 'JP', u16(instance), u32(number), content);
  const rest = join(manifest.subarray(0, 8), 'and more');
  const { blocks } = read(
    jpeg(
      packet(7, 1, join(u32(20), 'jumb', u32(12), 'jumdjson')),
      packet(2, 2, rest),
      packet(2, 1, manifest),
      frame(0xc0),
    ),
  );
  t.equal(Buffer.from(blocks.c2pa ?? []).toString('latin1'), join(manifest, 'and more').toString('latin1'));
  t.equal(read(jpeg(packet(1, 1, join(u32(20), 'jumb')))).blocks.c2pa, undefined);
});
