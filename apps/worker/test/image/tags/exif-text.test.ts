import t from 'tap';
import { readExif } from '../../../src/image/tags/exif.ts';
import { ASCII, BYTE, type Field, LONG, tiff, UNDEFINED } from '../tiff-builder.ts';

const exifIfd = (...fields: Field[]): Field => [0x8769, LONG, { directories: [fields] }];
const read = (fields: readonly Field[]) => readExif(tiff([fields]));
const latin1 = (text: string) => Buffer.from(text, 'latin1');
const utf16 = (text: string) => Buffer.from(text, 'utf16le');
const TEXTS: [string, number, Field, unknown][] = [
  ['ends at the first NUL', 0x010e, [0x010e, ASCII, 'one\0two'], 'one'],
  ['without blanks behind', 0x010e, [0x010e, ASCII, '  one \r\n '], '  one'],
  ['blanks are nothing', 0x010e, [0x010e, ASCII, '      '], undefined],
  ['UTF-8', 0x010e, [0x010e, ASCII, 'Köln 東京'], 'Köln 東京'],
  ['the type of Exif 3.0', 0x010e, [0x010e, 129, 'Zürich'], 'Zürich'],
  ['decomposed UTF-8', 0x010e, [0x010e, ASCII, 'Ko\u0308ln'], 'Köln'],
  ['Latin-1', 0x010e, [0x010e, ASCII, latin1('K\xf6ln\0')], 'Köln'],
  ['Windows-1252', 0x010e, [0x010e, ASCII, latin1('5 \x80\0')], '5 €'],
  ['bytes that are a text', 0x010e, [0x010e, BYTE, latin1('bytes\0')], 'bytes'],
  ['the longest', 0x010e, [0x010e, ASCII, 'x'.repeat(4096)], 'x'.repeat(4096)],
  ['longer', 0x010e, [0x010e, ASCII, 'x'.repeat(4097)], { truncated: true, length: 4098 }],
  ['far longer', 0x010e, [0x010e, ASCII, '東'.repeat(50_000)], { truncated: true, length: 150_001 }],
  ['short, in a large field', 0x010e, [0x010e, ASCII, `x${'\0'.repeat(9000)}`], 'x'],
  ['two holders', 0x8298, [0x8298, ASCII, 'One \0Two'], 'One\nTwo'],
  ['one holder', 0x8298, [0x8298, ASCII, 'One'], 'One'],
  ['an editor alone', 0x8298, [0x8298, ASCII, ' \0Two'], 'Two'],
  ['XPTitle', 0x9c9b, [0x9c9b, BYTE, utf16('Tïtle 東\0')], 'Tïtle 東'],
  ['XPTitle with half a pair', 0x9c9b, [0x9c9b, BYTE, utf16('a\ud800')], 'a\ufffd'],
  ['XPTitle of an odd length', 0x9c9b, [0x9c9b, BYTE, Buffer.concat([utf16('ab'), Buffer.from([0])])], 'ab'],
];

const NAMES: Readonly<Record<number, string>> = {
  270: 'ImageDescription',
  33432: 'Copyright',
  40091: 'XPTitle',
};

for (const [name, tag, field, wanted] of TEXTS) {
  t.test(`text: ${name}`, async (t) => {
    const { exif, warnings } = read([field]);
    t.same(exif?.tags[NAMES[tag] ?? ''], wanted);
    t.same(warnings, []);
    if (tag === 0x010e) t.equal(exif?.description, typeof wanted === 'string' ? wanted : undefined);
  });
}

const COMMENTS: [string, Buffer, string | undefined][] = [
  ['ASCII', latin1('ASCII\0\0\0Hello  \0\0'), 'Hello'],
  ['ASCII, that is UTF-8', Buffer.from('ASCII\0\0\0Grüße'), 'Grüße'],
  ['blanks instead of NULs', latin1('ASCII   Hello'), 'Hello'],
  ['no coding', latin1('\0\0\0\0\0\0\0\0Hello'), 'Hello'],
  ['all blank', latin1(`ASCII\0\0\0${' '.repeat(50)}`), undefined],
  ['nothing but zeros', Buffer.alloc(264), undefined],
  [
    'UTF-16 in the order of the block',
    Buffer.concat([latin1('UNICODE\0'), utf16('Grüße 東京')]),
    'Grüße 東京',
  ],
  ['UTF-16 in the other order', Buffer.concat([latin1('UNICODE\0'), utf16('Hello').swap16()]), 'Hello'],
  ['UTF-16 with a mark', Buffer.concat([latin1('UNICODE\0'), utf16('\ufeff東京').swap16()]), '東京'],
  ['"Unicode" that is UTF-8', Buffer.concat([latin1('UNICODE\0'), Buffer.from('\ufeffGrüße')]), 'Grüße'],
  ['JIS X 0208', latin1('JIS\0\0\0\0\0\x1b$BElJ}\x1b(B'), '東方'],
  ['JIS that is Shift JIS', latin1('JIS\0\0\0\0\0\x93\x8c\x8b\x9e'), '東京'],
  ['no code at all', latin1('Just written down'), 'Just written down'],
  ['shorter than a code', latin1('Hi'), 'Hi'],
];

for (const [name, bytes, wanted] of COMMENTS) {
  t.test(`comment: ${name}`, async (t) => {
    const { exif } = read([exifIfd([0x9286, UNDEFINED, bytes])]);
    t.equal(exif?.userComment, wanted);
    t.equal(exif?.tags.UserComment, wanted);
  });
}

const DATES: [string, string, string | undefined, string | undefined, string | undefined][] = [
  ['as the standard has it', '2018:07:25 16:34:23', undefined, undefined, '2018-07-25T16:34:23'],
  ['with fractions', '2018:07:25 16:34:23', '07 ', undefined, '2018-07-25T16:34:23.07'],
  ['with a zone', '2018:07:25 16:34:23', undefined, '-03:30', '2018-07-25T16:34:23-03:30'],
  ['with a blank zone', '2018:07:25 16:34:23', undefined, '   :  ', '2018-07-25T16:34:23'],
  ['with a zone of nowhere', '2018:07:25 16:34:23', undefined, '+99:00', '2018-07-25T16:34:23'],
  ['already ISO 8601', '2018-07-25T16:34:23.5Z', undefined, '+01:00', '2018-07-25T16:34:23.5Z'],
  ['without seconds', '2018:07:25 16:34', '12', undefined, '2018-07-25T16:34'],
  ['a day', '2018:07:25', '12', '+01:00', '2018-07-25'],
  ['zeros', '0000:00:00 00:00:00', undefined, undefined, undefined],
  ['blanks', '    :  :     :  :  ', undefined, undefined, undefined],
  ['no leap year', '1900:02:29 00:00:00', undefined, undefined, undefined],
  ['a leap year', '2000:02:29 00:00:00', undefined, undefined, '2000-02-29T00:00:00'],
  ['month 13', '2018:13:01 00:00:00', undefined, undefined, undefined],
  ['hour 24', '2018:07:25 24:00:00', undefined, undefined, undefined],
  ['minute 60', '2018:07:25 16:60:00', undefined, undefined, undefined],
  ['words', 'yesterday', undefined, undefined, undefined],
];

for (const [name, date, subSec, offset, wanted] of DATES) {
  t.test(`date: ${name}`, async (t) => {
    const more: Field[] = [];
    if (offset !== undefined) more.push([0x9011, ASCII, offset]);
    if (subSec !== undefined) more.push([0x9291, ASCII, subSec]);
    t.equal(read([exifIfd([0x9003, ASCII, date], ...more)]).exif?.takenAt, wanted);
  });
}
