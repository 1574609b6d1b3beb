import t from 'tap';
import { readIcc } from '../../../src/image/tags/icc.ts';
import { be16, be32, join, type Part, patched, zeros } from '../formats/byte-builder.ts';

/** A header of a display's profile of version 2.1, and tags behind it. */
function profile(
  tags: [signature: string, content: Uint8Array][],
  version: readonly number[] = [2, 0x10],
): Buffer {
  const contents = tags.map(([, content]) => content);
  const table = tags.map(([signature, content], index) => {
    const before = contents.slice(0, index).reduce((sum, each) => sum + each.length, 0);
    return join(signature, be32(132 + 12 * tags.length + before, content.length));
  });
  const body = join(be32(tags.length), ...table, ...contents);
  const dates = be16(2009, 3, 27, 21, 36, 31);
  const head = [
    be32(128 + body.length),
    zeros(4),
    version,
    zeros(2),
    'mntrRGB XYZ ',
    dates,
    'acsp',
    zeros(8),
    'APPL',
    zeros(12),
  ];
  return join(...head, be32(1), zeros(60), body);
}

const desc = (ascii: string, unicode = '') => {
  const wide = Buffer.from(unicode, 'utf16le').swap16();
  return join(
    'desc',
    zeros(4),
    be32(ascii.length + 1),
    ascii,
    0,
    zeros(4),
    be32(unicode.length),
    wide,
    zeros(70),
  );
};
const mluc = (...texts: [place: string, text: string][]) => {
  const wide = texts.map(([, text]) => Buffer.from(text, 'utf16le').swap16());
  const records = texts.map(([place], index) => {
    const before = wide.slice(0, index).reduce((sum, each) => sum + each.length, 0);
    return join(place, be32(wide[index]?.length ?? 0, 16 + 12 * texts.length + before));
  });
  return join('mluc', zeros(4), be32(texts.length, 12), ...records, ...wide);
};
const text = (...parts: Part[]) => join('text', zeros(4), ...parts);

t.test('everything that is read', async (t) => {
  const block = profile([
    ['desc', desc('A profile')],
    ['cprt', text('(c) nobody', 0)],
    ['wtpt', zeros(20)],
  ]);
  t.same(readIcc(block), {
    icc: {
      description: 'A profile',
      bytes: block.length,
      version: '2.1',
      deviceClass: 'display',
      colorSpace: 'rgb',
      connectionSpace: 'xyz',
      renderingIntent: 'relative-colorimetric',
      createdAt: '2009-03-27T21:36:31Z',
      manufacturer: 'APPL',
      copyright: '(c) nobody',
    },
    warnings: [],
    cicp: undefined,
  });
});

const DESCRIPTIONS: [name: string, content: Uint8Array, expected: string | undefined][] = [
  ['ASCII', desc('Adobe RGB (1998)'), 'Adobe RGB (1998)'],
  ['ASCII with NULs and spaces', desc(' a profile \0\0rest'), 'a profile'],
  ['ASCII before Unicode', desc('ASCII', 'Unicode'), 'ASCII'],
  ['Unicode alone', desc('', 'Únicode\0'), 'Únicode'],
  ['Latin-1 where ASCII should be', join('desc', zeros(4), be32(3), [0xe9, 0x21, 0]), 'é!'],
  ['UTF-8 where ASCII should be', join('desc', zeros(4), be32(3), 'Ã©\0'), 'é'],
  ['more ASCII than there is', join('desc', zeros(4), be32(0xffffffff), 'all'), 'all'],
  ['American English', mluc(['deDE', 'Deutsch'], ['enGB', 'British'], ['enUS', 'American']), 'American'],
  ['any English', mluc(['deDE', 'Deutsch'], ['enGB', 'British']), 'British'],
  ['any language', mluc(['jaJP', '広色域'], ['deDE', 'Deutsch']), '広色域'],
  ['no language', mluc(), undefined],
  ['an empty text', mluc(['enUS', '']), undefined],
  ['a plain text', text('plain', 0), 'plain'],
  ['a type that is no text', join('curv', zeros(8)), undefined],
  ['a type without content', join('desc'), undefined],
  ['text that is not there', join('mluc', zeros(4), be32(1, 12), 'enUS', be32(100, 0xfffffff0)), undefined],
];

for (const [name, content, expected] of DESCRIPTIONS) {
  t.test(`description: ${name}`, async (t) => {
    t.equal(readIcc(profile([['desc', content]])).icc?.description, expected);
  });
}

const usual = profile([['desc', desc('A profile')]]);
const HEADERS: [name: string, change: [at: number, what: Part], expected: object][] = [
  ['version 4.3', [8, [4, 0x30]], { version: '4.3' }],
  ['version 4.4, corrected', [8, [4, 0x42]], { version: '4.4' }],
  [
    'a printer of inks',
    [12, 'prtrCMYKLab '],
    { deviceClass: 'output', colorSpace: 'cmyk', connectionSpace: 'lab' },
  ],
  ['a scanner in gray', [12, 'scnrGRAYXYZ '], { deviceClass: 'input', colorSpace: 'gray' }],
  ['six inks', [16, '6CLR'], { colorSpace: '6clr' }],
  ['a class of another version', [12, 'cenc'], { deviceClass: 'cenc' }],
  ['spaces that are none', [16, zeros(8)], { colorSpace: undefined, connectionSpace: undefined }],
  ['no date', [24, zeros(12)], { createdAt: undefined }],
  ['no such date', [24, be16(2023, 2, 29, 0, 0, 0)], { createdAt: undefined }],
  ['bytes of dates turned round', [24, be16(10, 1998, 19, 30, 52, 42)], { createdAt: undefined }],
  ['no maker', [48, 'none'], { manufacturer: undefined }],
  ['no maker, in zeros', [48, zeros(4)], { manufacturer: undefined }],
  ['absolute', [64, be32(3)], { renderingIntent: 'absolute-colorimetric' }],
  ['an intent that there is not', [64, be32(9)], { renderingIntent: undefined }],
];

for (const [name, change, expected] of HEADERS) {
  t.test(`header: ${name}`, async (t) =>
    t.match(readIcc(patched(usual, change)), { icc: expected, warnings: { length: 0 } }),
  );
}

t.test('code points', async (t) => {
  const block = profile([['cicp', join('cicp', zeros(4), [9, 16, 0, 1])]], [4, 0x40]);
  t.same(readIcc(block).cicp, { primaries: 9, transfer: 16, matrix: 0, isFullRange: true });
  t.equal(readIcc(profile([['cicp', join('cicp', zeros(4), 9)]])).cicp, undefined);
});

t.test('padding does not count', async (t) =>
  t.match(readIcc(join(usual, zeros(3))), { icc: { bytes: usual.length }, warnings: { length: 0 } }),
);

const DAMAGED: [name: string, block: Uint8Array][] = [
  ['nothing', zeros(0)],
  ['shorter than a header', usual.subarray(0, 127)],
  ['no signature', patched(usual, [36, 'none'])],
];

for (const [name, block] of DAMAGED) {
  t.test(`damaged: ${name}`, async (t) => {
    t.match(readIcc(block), { warnings: [{ code: 'HEADER_MALFORMED', field: 'icc' }] });
    t.same(readIcc(block).icc, { bytes: block.length });
  });
}

t.test('cut anywhere, it keeps what it has', async (t) => {
  for (let length = 128; length < usual.length; length += 1) {
    const { icc, warnings } = readIcc(usual.subarray(0, length));
    t.match(icc, { bytes: length, version: '2.1', colorSpace: 'rgb' });
    t.equal(warnings.length, 1, `the first ${length} bytes`);
    if (length > 170) t.equal(icc?.description, 'A profile');
  }
});

t.test('wrong bytes are no errors', async (t) => {
  const block = profile([
    ['desc', mluc(['enUS', 'A profile'])],
    ['cprt', desc('c')],
  ]);
  for (let at = 0; at < block.length; at += 1) {
    for (const value of [0, 1, 0x7f, 0xff]) t.ok(readIcc(patched(block, [at, value])).icc);
  }
  t.match(
    readIcc(patched(block, [128, be32(0xffffffff)])).icc,
    { description: 'A profile' },
    'as many tags as there are',
  );
});
