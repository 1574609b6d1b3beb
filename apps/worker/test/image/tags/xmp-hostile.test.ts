import t from 'tap';
import type { XmpReading } from '../../../src/image/tags/xmp.ts';
import { readXmp } from '../../../src/image/tags/xmp.ts';
import { describing, packet } from './xmp-builder.ts';

const codesOf = ({ warnings }: XmpReading) => warnings.map(({ code }) => code);
const many = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join('');
const countOf = ({ xmp }: XmpReading) => Object.keys(xmp?.tags ?? {}).length;

const LIMITS: [name: string, packet: Uint8Array, code: string][] = [
  ['elements in each other', packet('<dc:a>'.repeat(100_000)), 'WALK_LIMIT'],
  ['elements in each other, outside of RDF', Buffer.from('<a>'.repeat(100_000)), 'WALK_LIMIT'],
  ['elements', packet('<dc:a/>'.repeat(100_000)), 'WALK_LIMIT'],
  [
    'attributes',
    packet(
      '',
      many(100_000, (index) => ` dc:a${index}=""`),
    ),
    'WALK_LIMIT',
  ],
  ['properties', packet(many(6000, (index) => `<dc:a${index}/>`)), 'WALK_LIMIT'],
  ['items', packet(`<dc:a><rdf:Bag>${'<rdf:li/>'.repeat(10_000)}</rdf:Bag></dc:a>`), 'WALK_LIMIT'],
  ['CDATA', packet(`<dc:a><![CDATA[${']'.repeat(2 ** 21)}`), 'WALK_LIMIT'],
  ['errors', packet('&'.repeat(10_000)), 'TAGS_UNREADABLE'],
  ['references', packet('&'.repeat(2 ** 20)), 'WALK_LIMIT'],
  ['tags without names', Buffer.from('<'.repeat(2 ** 20)), 'TAGS_UNREADABLE'],
  ['bytes', Buffer.concat([packet('<dc:a>1</dc:a>'), Buffer.alloc(2 ** 24, ' ')]), 'TEXT_LIMIT'],
];

for (const [name, bytes, code] of LIMITS) {
  t.test(`too many ${name}`, async (t) => {
    const begun = performance.now();
    const reading = readXmp([bytes]);
    t.same([...new Set(codesOf(reading))], [code]);
    t.ok(countOf(reading) <= 5000);
    t.ok(performance.now() - begun < 5000, 'in time');
  });
}

t.test('the document stays small', async (t) => {
  const reading = readXmp([
    packet(many(4000, (index) => `<dc:a${index}>${'x'.repeat(4000)}</dc:a${index}>`)),
  ]);
  t.ok(JSON.stringify(reading).length < 2 ** 21);
  t.same(reading.xmp?.tags['dc:a0'], 'x'.repeat(4000));
  t.same(reading.xmp?.tags['dc:a3999'], { truncated: true, length: 4000 });
  t.same(readXmp([packet(`<dc:${'n'.repeat(10_000)}/><dc:b/>`)]).xmp?.tags, { 'dc:b': '' }, 'names, too');
});

t.test('no entity stands for more than itself', async (t) => {
  const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]>${describing('<dc:a>&b;</dc:a>')}`;
  t.match(readXmp([Buffer.from(bomb)]), {
    xmp: { tags: { 'dc:a': '&b;' } },
    warnings: [{ code: 'TAGS_UNREADABLE' }],
  });
});

t.test('no NUL and no half character gets into the document', async (t) => {
  const bytes = packet('<dc:a>a&#0;b&#xD800;c</dc:a>', 'dc:b="\0x"');
  t.notMatch(JSON.stringify(readXmp([bytes]).xmp), /\\u0000|\\ud800/i);
});

t.test('cut anywhere, it keeps what it has', async (t) => {
  const whole = packet('<dc:a>1</dc:a><dc:b>2</dc:b>', 'xmp:Rating="3"');
  const [rating, first, second] = ['xmp:Rating="3"', '</dc:a>', '</dc:b>'].map(
    (text) => whole.indexOf(text) + text.length,
  );
  for (let length = 0; length < whole.length; length += 1) {
    const { xmp } = readXmp([whole.subarray(0, length)]);
    if (length > (rating ?? 0) + 1) t.match(xmp, { rating: 3 }, `the first ${length} bytes`);
    if (length > (first ?? 0)) t.match(xmp?.tags, { 'dc:a': '1' });
    if (length > (second ?? 0)) t.match(xmp?.tags, { 'dc:b': '2' });
  }
});

t.test('what is wrong in the middle does not lose the rest', async (t) => {
  for (const wrong of ['<dc:x', '</dc:y>', '&', '<dc:x a=b/>', '<dc:x>', '\x01', '<unknown:x/>']) {
    const { xmp } = readXmp([packet(`<dc:a>1</dc:a>${wrong}<dc:b>2</dc:b>`)]);
    t.match(xmp?.tags, { 'dc:a': '1' }, wrong);
  }
});

t.test('many packets', async (t) => {
  const packets = Array.from({ length: 1000 }, (_, index) => packet(`<dc:a${index}>1</dc:a${index}>`));
  t.ok(countOf(readXmp(packets)) <= 16);
});
