import type { Metadata } from '@tintype/core';
import t from 'tap';
import { searchedFacts } from '../../src/jobs/searched-facts.ts';

type Sections = Partial<Pick<Metadata, 'exif' | 'iptc' | 'xmp'>>;

function factsOf(sections: Sections) {
  const document = {
    file: { format: 'jpeg' },
    image: {},
    hashes: { sha256: '00' },
    exif: null,
    iptc: null,
    xmp: null,
    gps: null,
    ...sections,
  };
  return searchedFacts(document as unknown as Metadata);
}

const exif = (facts: object) => ({ exif: { tags: {}, ...facts } }) as unknown as Sections;
const iptc = (facts: object) => ({ iptc: { tags: {}, ...facts } }) as unknown as Sections;
const xmp = (facts: object) => ({ xmp: { tags: {}, ...facts } }) as unknown as Sections;

t.test('what is not told is null, or nothing', async (t) => {
  t.match(factsOf({}), { camera: null, caption: null, keywords: [] });
});

const cameras: [name: string, make: string | undefined, model: string | undefined, camera: string | null][] =
  [
    ['maker and model', 'FUJIFILM', 'X-T5', 'FUJIFILM X-T5'],
    ['a model that begins with its maker', 'Canon', 'Canon EOS R5', 'Canon EOS R5'],
    ['in other capitals', 'CANON', 'Canon EOS R5', 'Canon EOS R5'],
    ['the maker alone', 'Apple', undefined, 'Apple'],
    ['the model alone', undefined, 'iPhone 15', 'iPhone 15'],
    ['blanks around', '  Apple \0', ' iPhone 15  ', 'Apple iPhone 15'],
    ['blanks alone', '   ', '\0', null],
    ['too long', 'a'.repeat(150), 'b'.repeat(150), `${'a'.repeat(150)} ${'b'.repeat(49)}`],
  ];
for (const [name, make, model, camera] of cameras) {
  t.test(`camera: ${name}`, async (t) => {
    t.equal(factsOf(exif({ make, model })).camera, camera);
  });
}

const family = '👩‍👧';
const captions: [name: string, sections: Sections, caption: string | null][] = [
  ['EXIF', exif({ description: 'A' }), 'A'],
  ['XMP before EXIF', { ...exif({ description: 'A' }), ...xmp({ description: 'B' }) }, 'B'],
  ['IPTC before XMP', { ...xmp({ description: 'B' }), ...iptc({ caption: 'C' }) }, 'C'],
  ['an empty one is passed over', { ...exif({ description: 'A' }), ...iptc({ caption: ' \0 ' }) }, 'A'],
  ['NUL and halves of pairs go', exif({ description: 'a\0b\ud83dc\udc69d' }), 'abcd'],
  ['whole pairs stay', exif({ description: family }), family],
  ['2000 characters', exif({ description: 'x'.repeat(2000) }), 'x'.repeat(2000)],
  ['2001 characters', exif({ description: 'x'.repeat(2001) }), 'x'.repeat(2000)],
  ['no pair is cut in two', exif({ description: '😀'.repeat(2001) }), '😀'.repeat(2000)],
  ['nor one that lies askew', exif({ description: `x${'😀'.repeat(2001)}` }), `x${'😀'.repeat(1999)}`],
  ['megabytes', exif({ description: ` ${'y'.repeat(5_000_000)}` }), 'y'.repeat(2000)],
];
for (const [name, sections, caption] of captions) {
  t.test(`caption: ${name}`, async (t) => {
    t.equal(factsOf(sections).caption, caption);
  });
}

t.test('keywords come from both, each once, without blanks, NUL and halves', async (t) => {
  const sections = {
    ...iptc({ keywords: ['sea', ' gull ', '', 'sea', 'a\0b', '\udc00'] }),
    ...xmp({ keywords: ['gull', 'harbour'] }),
  };
  t.same(factsOf(sections).keywords, ['sea', 'gull', 'ab', 'harbour']);
});

t.test('a hundred keywords of a hundred characters', async (t) => {
  const many = Array.from({ length: 300 }, (_, index) => `${index}-${'😀'.repeat(200)}`);
  const { keywords } = factsOf(xmp({ keywords: many }));
  t.equal(keywords.length, 100);
  t.equal(keywords[99], `99-${'😀'.repeat(97)}`);
});
