import t from 'tap';
import { readIptc } from '../../../src/image/tags/iptc.ts';

const join = (...parts: (string | Uint8Array)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));

/** @param text a byte a character */
function dataset(record: number, number: number, text: string): Buffer {
  return join(Buffer.from([0x1c, record, number, text.length >> 8, text.length & 255]), text);
}

const utf8 = (text: string) => Buffer.from(text).toString('latin1');
const UTF8 = dataset(1, 90, '\x1b%G');
const VERSION = dataset(2, 0, '\0\x04');

t.test('fields and tags', async (t) => {
  const { iptc, warnings } = readIptc(
    join(
      UTF8,
      VERSION,
      dataset(2, 5, 'Title'),
      dataset(2, 105, 'Headline'),
      dataset(2, 120, utf8('Cafe\u0301 — 東京\0 ')),
      dataset(2, 25, 'one'),
      dataset(2, 25, 'two'),
      dataset(2, 80, 'A. Byline'),
      dataset(2, 110, 'Credit'),
      dataset(2, 116, '(c)'),
      dataset(2, 90, 'Nainital'),
      dataset(2, 101, 'India'),
      dataset(2, 55, '20230805'),
      dataset(2, 60, '171653+0200'),
      dataset(2, 199, 'unnamed'),
      dataset(2, 40, ''),
      dataset(2, 202, '\x01\x02\x03'),
    ),
  );
  t.strictSame(warnings, []);
  t.strictSame(iptc, {
    title: 'Title',
    headline: 'Headline',
    caption: 'Café — 東京',
    credit: 'Credit',
    copyright: '(c)',
    city: 'Nainital',
    country: 'India',
    keywords: ['one', 'two'],
    byline: ['A. Byline'],
    createdAt: '2023-08-05T17:16:53+02:00',
    tags: {
      CodedCharacterSet: 'UTF-8',
      ApplicationRecordVersion: 4,
      ObjectName: 'Title',
      Headline: 'Headline',
      'Caption-Abstract': 'Café — 東京',
      Keywords: ['one', 'two'],
      'By-line': 'A. Byline',
      Credit: 'Credit',
      CopyrightNotice: '(c)',
      City: 'Nainital',
      'Country-PrimaryLocationName': 'India',
      DateCreated: '20230805',
      TimeCreated: '171653+0200',
      '2:199': 'unnamed',
      ObjectPreviewData: { truncated: true, length: 3 },
    },
  });
});

t.test('how texts are coded', async (t) => {
  const cases: [string, string | undefined, string, string][] = [
    ['UTF-8 by name', '\x1b%G', utf8('žluť'), 'žluť'],
    ['UTF-8 level 3', '\x1b%/I', utf8('žluť'), 'žluť'],
    ['UTF-8 by name that is none', '\x1b%G', 'caf\xe9', 'café'],
    ['no name, UTF-8', undefined, utf8('žluť'), 'žluť'],
    ['no name, Windows', undefined, '\x93caf\xe9\x94', '“café”'],
    ['Latin 1', '\x1b.A', 'caf\xc3\xa9', 'cafÃ©'],
    ['Latin 2', '\x1b-B', '\xbelu\xbb', 'žluť'],
    ['Cyrillic, behind another sequence', '\x1b(B\x1b-L', '\xbc\xd8\xe0', 'Мир'],
    ['unknown', '\x1b?', 'caf\xe9', 'café'],
  ];
  for (const [name, set, bytes, expected] of cases) {
    const { iptc } = readIptc(join(dataset(2, 120, bytes), set === undefined ? '' : dataset(1, 90, set)));
    t.equal(iptc?.caption, expected, name);
  }
});

t.test('dates', async (t) => {
  const cases: [string, string | undefined, string | undefined][] = [
    ['20040229', undefined, '2004-02-29'],
    ['20040229', '123456-0330', '2004-02-29T12:34:56-03:30'],
    ['20040229', '123456', '2004-02-29T12:34:56'],
    ['2004:02:29', '12:34:56', '2004-02-29T12:34:56'],
    ['2004-02-29', 'noon', '2004-02-29'],
    ['20040200', '123456', '2004-02'],
    ['20040000', undefined, '2004'],
    ['00000000', undefined, undefined],
    ['20041345', undefined, undefined],
    ['yesterday', undefined, undefined],
  ];
  for (const [date, time, expected] of cases) {
    const { iptc } = readIptc(join(dataset(2, 55, date), time === undefined ? '' : dataset(2, 60, time)));
    t.equal(iptc?.createdAt, expected, `${date} ${time}`);
  }
});

t.test('blocks as programs write them', async (t) => {
  const city = dataset(2, 90, 'Rome!!');
  const turned = Buffer.from(join(city, Buffer.alloc(4 - (city.length % 4)))).swap32();
  const extended = join(Buffer.from([0x1c, 2, 90, 0x80, 4, 0, 0, 0, 6]), 'Rome!!');
  const resources = join('8BIM\x04\x04\0\0\0\0\0', Buffer.from([city.length]), city);
  const good: [string, Buffer][] = [
    ['zeros around', join(Buffer.alloc(3), city, Buffer.alloc(5))],
    ['zeros between', join(VERSION, Buffer.alloc(1), city)],
    ['numbers of four bytes turned round', turned],
    ['extended length', extended],
    ['Photoshop resources', resources],
  ];
  for (const [name, block] of good) {
    const { iptc, warnings } = readIptc(block);
    t.equal(iptc?.city, 'Rome!!', name);
    t.strictSame(warnings, [], `${name}: warnings`);
  }
});

t.test('without one record there is no IPTC', async (t) => {
  for (const block of ['', '\0\0\0\0', '8BIM\x04\x04\0\0\0\0\0\0']) {
    t.strictSame(readIptc(join(block)), { iptc: null, warnings: [] }, JSON.stringify(block));
  }
  t.match(readIptc(join('no records')), {
    iptc: null,
    warnings: [{ code: 'TAGS_UNREADABLE', field: 'iptc' }],
  });
  t.strictSame(readIptc(VERSION).iptc, { tags: { ApplicationRecordVersion: 4 } });
});

t.test('too long, too many, cut', async (t) => {
  const long = readIptc(join(dataset(2, 120, 'x'.repeat(4097)), dataset(2, 90, 'x'.repeat(4096))));
  t.match(long.iptc, { caption: undefined, tags: { 'Caption-Abstract': { truncated: true, length: 4097 } } });
  t.equal(long.iptc?.city?.length, 4096);
  t.match(long.warnings, [{ code: 'TEXT_LIMIT', field: 'iptc' }]);

  const many = readIptc(join(...Array(1200).fill(dataset(2, 25, 'x'))));
  t.equal(many.iptc?.keywords?.length, 1000);
  t.match(many.warnings, [{ code: 'WALK_LIMIT', field: 'iptc' }]);

  const hugeLength = join(VERSION, Buffer.from([0x1c, 2, 90, 0x80, 4, 255, 255, 255, 255]), 'x');
  const longLength = join(VERSION, Buffer.from([0x1c, 2, 90, 0xff, 255]), 'x');
  for (const block of [hugeLength, longLength]) {
    t.match(readIptc(block), {
      iptc: { tags: { ApplicationRecordVersion: 4 } },
      warnings: [{ code: 'TAGS_UNREADABLE' }],
    });
  }

  const block = join(dataset(2, 90, 'Rome'), dataset(2, 101, 'Italy'));
  for (let length = 1; length < block.length; length += 1) {
    const { iptc, warnings } = readIptc(block.subarray(0, length));
    t.equal(iptc?.city, length >= 9 ? 'Rome' : undefined, `${length} bytes`);
    t.equal(warnings.length, length === 9 ? 0 : 1, `${length} bytes: warnings`);
  }
});
