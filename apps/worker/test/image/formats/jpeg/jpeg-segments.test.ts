import t from 'tap';
import { EOI, frame, JFIF, join, jpeg, read, SOI, scan, segment, u16, u32, YCC } from './jpeg-builder.ts';

t.test('where the image ends', async (t) => {
  const whole = jpeg(JFIF, frame(0xc0), scan());
  t.match(read(join(whole, 'trailing')), { end: whole.length, truncated: undefined });
  t.match(
    read(jpeg([0xff, 0xff], JFIF, frame(0xc0), scan())),
    { truncated: undefined, warnings: { length: 0 } },
    'fill bytes',
  );
  const odd = read(jpeg(JFIF, 'junk', frame(0xc0), scan()));
  t.match(odd, {
    image: { storedWidth: 30 },
    warnings: [{ code: 'HEADER_MALFORMED' }],
    truncated: undefined,
  });
  const stuffed = jpeg(frame(0xf7), scan(0, 0), [0xff, 0x7f, 0xff, 0x00]);
  t.match(read(stuffed), { end: stuffed.length, truncated: undefined }, 'JPEG-LS stuffs bits, not bytes');
  const noLength = read(jpeg([0xff, 0xe5, 0, 0], frame(0xc0), scan()));
  t.match(noLength, { image: { storedWidth: 30 }, warnings: [{ code: 'HEADER_MALFORMED' }] });
  const cut = whole.subarray(0, whole.length - 5);
  t.match(read(join(cut, whole)), { end: cut.length, truncated: true }, 'another image begins too early');
  t.match(read(jpeg(...Array(2000).fill(segment(0xe5)))), {
    warnings: [{ code: 'WALK_LIMIT' }],
    end: undefined,
  });
});

t.test('every prefix keeps what it has and is truncated', async (t) => {
  const whole = jpeg(JFIF, segment(0xfe, 'text'), frame(0xc2, YCC), scan(), scan());
  const frameEnd = join(SOI, JFIF, segment(0xfe, 'text'), frame(0xc2, YCC)).length;
  for (let length = 2; length < whole.length; length += 1) {
    const header = read(whole.subarray(0, length));
    t.equal(header.truncated, true, `${length}: truncated`);
    t.equal(header.image.storedWidth, length >= frameEnd ? 30 : undefined, `${length}: width`);
    t.strictSame(header.warnings, [], `${length}: nothing else is wrong`);
  }
  t.strictSame(read(whole).truncated, undefined);
});

t.test('further pictures', async (t) => {
  const second = jpeg(frame(0xc0), scan());
  /** Entries: attributes, size, offset from the index. */
  const index = (entries: readonly number[][]) =>
    segment(
      0xe2,
      'MPF\0MM\0*',
      [...u32(8), ...u16(1)],
      [...u16(0xb002), ...u16(7), ...u32(entries.length * 16), ...u32(26), ...u32(0)],
      ...entries.map(([attributes = 0, size = 0, offset = 0]) => [
        ...u32(attributes),
        ...u32(size),
        ...u32(offset),
        ...u32(0),
      ]),
    );
  const rest = join(frame(0xc0), scan(), EOI);
  const first = (attributes: number, size: number, offset: number) =>
    join(
      SOI,
      index([
        [0x030000, 0, 0],
        [attributes, size, offset],
      ]),
      rest,
    );
  const length = first(0, 0, 0).length;
  // SOI, marker, length and MPF stand before the byte that offsets count from.
  const offset = length - 10;

  const good = join(first(0x020002, second.length, offset), second);
  t.match(read(good), {
    end: good.length,
    truncated: undefined,
    image: { pages: 1 },
    color: { hdr: undefined },
  });
  t.match(read(join(good, 'trailing')), { end: good.length });
  t.match(read(good.subarray(0, -3)), { truncated: true }, 'the second is cut');
  t.match(read(join(first(0x050000, second.length, offset), second)), { color: { hdr: { gainMap: true } } });
  for (const [mark, standard] of [
    ['urn:iso:std:iso:ts:21496:-1\0', 'iso-21496-1'],
    ['http://ns.adobe.com/xap/1.0/\0<x xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"/>', 'ultra-hdr-1'],
    ['http://ns.adobe.com/xap/1.0/\0<x>urn:com:apple:photo:2020:aux:hdrgainmap</x>', 'apple-gain-map'],
  ] as const) {
    const map = jpeg(segment(0xe1, mark), frame(0xc0), scan());
    const { color } = read(join(first(0, map.length, offset), map));
    t.strictSame(color.hdr, { gainMap: true, standard }, standard);
  }
  const stale = join(first(0, second.length, offset + 100), second);
  t.match(read(stale), { end: stale.length }, 'the offset was not corrected when the first changed');
  t.match(read(join(first(0, second.length, offset), 'nothing')), { end: length });
  t.match(read(first(0, 0xffffffff, 0xffffffff)), { end: length, truncated: undefined });
  t.match(read(jpeg(segment(0xe2, 'MPF\0MM\0*', u32(0x7fffffff)), frame(0xc0), scan())), {
    warnings: [{ code: 'HEADER_MALFORMED' }],
    image: { storedWidth: 30 },
  });
  const version = segment(0xe2, 'urn:iso:std:iso:ts:21496:-1\0', u32(0));
  t.match(read(jpeg(version, frame(0xc0), scan())), {
    color: { hdr: { gainMap: true, standard: 'iso-21496-1' } },
  });
});

t.test('work stays within the size of the file', async (t) => {
  const megabytes = 8 * 1024 * 1024;
  const started = performance.now();
  for (const pattern of [[0xff], [0xff, 0x00], [0xff, 0xd0], [0xff, 0x00, 0x01], [0x00]]) {
    t.equal(
      read(join(SOI, frame(0xc0), scan(), Buffer.alloc(megabytes, Buffer.from(pattern)))).truncated,
      true,
    );
  }
  t.ok(performance.now() - started < 5000);
});
