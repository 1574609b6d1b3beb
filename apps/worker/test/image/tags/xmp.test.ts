import t from 'tap';
import { readXmp } from '../../../src/image/tags/xmp.ts';
import { describing, meta, packet, RDF } from './xmp-builder.ts';

const tagsOf = (elements: string, attributes = '') => readXmp([packet(elements, attributes)]).xmp?.tags;
const list = (kind: string, ...items: string[]) =>
  `<rdf:${kind}>${items.map((item) => `<rdf:li>${item}</rdf:li>`).join('')}</rdf:${kind}>`;

t.test('named fields', async (t) => {
  const languages =
    '<rdf:Alt><rdf:li xml:lang="de">Deutsch</rdf:li><rdf:li xml:lang="x-default">Usual</rdf:li></rdf:Alt>';
  const { xmp, warnings } = readXmp([
    packet(
      `<dc:title>${languages}</dc:title>
       <dc:description><rdf:Alt><rdf:li xml:lang="x-default"> about &amp; around </rdf:li></rdf:Alt></dc:description>
       <dc:creator>${list('Seq', 'One', 'Two')}</dc:creator>
       <dc:rights>plain</dc:rights>
       <dc:subject>${list('Bag', 'a', '', 'b')}</dc:subject>`,
      'xmp:Rating="-1" xmp:CreatorTool="Cafe\u0301" xmp:CreateDate="2024-05-06T07:08:09.5+0200" xmp:ModifyDate="2024:05:06 07:08"',
    ),
  ]);
  t.same(xmp, {
    title: 'Usual',
    description: 'about & around',
    creators: ['One', 'Two'],
    rights: 'plain',
    keywords: ['a', 'b'],
    rating: -1,
    creatorTool: 'Café',
    createdAt: '2024-05-06T07:08:09.5+02:00',
    modifiedAt: '2024-05-06T07:08',
    tags: {
      'xmp:Rating': '-1',
      'xmp:CreatorTool': 'Café',
      'xmp:CreateDate': '2024-05-06T07:08:09.5+0200',
      'xmp:ModifyDate': '2024:05:06 07:08',
      'dc:title': { 'x-default': 'Usual', de: 'Deutsch' },
      'dc:description': 'about & around',
      'dc:creator': ['One', 'Two'],
      'dc:rights': 'plain',
      'dc:subject': ['a', '', 'b'],
    },
  });
  t.same(Object.keys(xmp?.tags['dc:title'] as object), ['x-default', 'de'], 'the default first');
  t.same(warnings, []);
});

const SHAPES: [name: string, elements: string, expected: unknown][] = [
  [
    'a structure by parseType',
    '<dc:p rdf:parseType="Resource"><stRef:a>1</stRef:a><stRef:b>2</stRef:b></dc:p>',
    { 'stRef:a': '1', 'stRef:b': '2' },
  ],
  [
    'a structure by a description',
    '<dc:p><rdf:Description stRef:a="1"><stRef:b>2</stRef:b></rdf:Description></dc:p>',
    { 'stRef:a': '1', 'stRef:b': '2' },
  ],
  ['a structure by attributes', '<dc:p stRef:a="1" stRef:b="2"/>', { 'stRef:a': '1', 'stRef:b': '2' }],
  [
    'structures in a list',
    '<dc:p><rdf:Seq><rdf:li stRef:a="1"/><rdf:li rdf:parseType="Resource"><stRef:a>2</stRef:a></rdf:li></rdf:Seq></dc:p>',
    [{ 'stRef:a': '1' }, { 'stRef:a': '2' }],
  ],
  [
    'lists in structures in lists',
    `<dc:p><rdf:Bag><rdf:li rdf:parseType="Resource"><stRef:a>${list('Seq', 'x')}</stRef:a></rdf:li></rdf:Bag></dc:p>`,
    [{ 'stRef:a': ['x'] }],
  ],
  [
    'a value with qualifiers',
    '<dc:p rdf:parseType="Resource"><rdf:value>v</rdf:value><stRef:q>left out</stRef:q></dc:p>',
    'v',
  ],
  ['a value with qualifiers as attributes', '<dc:p rdf:value="v" stRef:q="left out"/>', 'v'],
  ['a resource', '<dc:p rdf:resource="https://example.org/"/>', 'https://example.org/'],
  ['alternatives that are no languages', `<dc:p>${list('Alt', 'a', 'b')}</dc:p>`, ['a', 'b']],
  ['an empty list', `<dc:p>${list('Bag')}</dc:p>`, []],
  ['an empty element', '<dc:p/>', ''],
  ['numbered items', '<dc:p><rdf:Bag><rdf:_1>a</rdf:_1><rdf:_2>b</rdf:_2></rdf:Bag></dc:p>', ['a', 'b']],
  ['CDATA and entities', '<dc:p>a<![CDATA[<b>]]>&lt;&#x63;&gt;</dc:p>', 'a<b><c>'],
  ['a long text', `<dc:p>${'x'.repeat(4097)}</dc:p>`, { truncated: true, length: 4097 }],
  ['a text just as long as is kept', `<dc:p>${'x'.repeat(4096)}</dc:p>`, 'x'.repeat(4096)],
];

for (const [name, elements, expected] of SHAPES) {
  t.test(`shapes: ${name}`, async (t) => t.same(tagsOf(elements), { 'dc:p': expected }));
}

t.test('names go by the namespace', async (t) => {
  t.same(
    tagsOf(
      '<q:a xmlns:q="http://ns.adobe.com/photoshop/1.0/">1</q:a><q:b xmlns:q="urn:own">2</q:b><c xmlns="urn:none">3</c>',
    ),
    { 'photoshop:a': '1', 'q:b': '2', c: '3' },
  );
  const undeclared = readXmp([Buffer.from(meta('<rdf:Description dc:format="f"/>'))]);
  t.same(
    undeclared,
    { ...undeclared, xmp: { tags: { 'dc:format': 'f' } }, warnings: [] },
    'usual prefixes need no declaration',
  );
});

t.test('names that JavaScript knows are names like others', async (t) => {
  const tags =
    tagsOf('<a:__proto__ xmlns:a="urn:a">1</a:__proto__><constructor xmlns="urn:a">2</constructor>') ?? {};
  t.same(Object.entries(tags), [
    ['a:__proto__', '1'],
    ['constructor', '2'],
  ]);
});

t.test('several descriptions, packets and parts: what comes first counts', async (t) => {
  const first = describing('<dc:a>1</dc:a>').replace(
    '</rdf:RDF>',
    `<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" dc:b="2" dc:a="0"/></rdf:RDF>`,
  );
  const twice = Buffer.from(`${first}\0\0\n<?xml version="1.0"?>${describing('<dc:c>3</dc:c>')}`);
  const { xmp } = readXmp([twice, packet('<dc:a>9</dc:a><dc:d>4</dc:d>')]);
  t.same(xmp?.tags, { 'dc:a': '1', 'dc:b': '2', 'dc:c': '3', 'dc:d': '4' });
});

const text = describing('<dc:format>é東</dc:format>');
const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');
const utf32 = (littleEndian: boolean) => {
  const bytes = Buffer.alloc(4 * text.length);
  for (const [index, character] of [...text].entries()) {
    const code = character.codePointAt(0) ?? 0;
    if (littleEndian) bytes.writeUInt32LE(code, 4 * index);
    else bytes.writeUInt32BE(code, 4 * index);
  }
  return bytes;
};
const ENCODINGS: [name: string, bytes: Uint8Array, expected?: string][] = [
  ['UTF-8', Buffer.from(text)],
  ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`)],
  ['UTF-16, little end first', utf16],
  ['UTF-16, big end first', Buffer.from(utf16).swap16()],
  ['UTF-16 without a mark', Buffer.from(text, 'utf16le')],
  ['UTF-32, little end first', utf32(true)],
  ['UTF-32, big end first', utf32(false)],
  ['Latin-1 that says it is UTF-8', Buffer.from(describing('<dc:format>é</dc:format>'), 'latin1'), 'é'],
  [
    'Latin-1 behind a mark in UTF-8',
    Buffer.concat([
      Buffer.from('\ufeff\ufeff'),
      Buffer.from(describing('<dc:format>é</dc:format>'), 'latin1'),
    ]),
    'é',
  ],
  ['NULs in between', Buffer.from(text.replace('<dc:format>', '\0<dc:format>\0').concat('\0\0\0'))],
  ['escapes in between', Buffer.from(text.replace('é', '\x1bé'))],
];

for (const [name, bytes, expected = 'é東'] of ENCODINGS) {
  t.test(`encoding: ${name}`, async (t) => {
    const { xmp, warnings } = readXmp([bytes]);
    t.same(xmp?.tags, { 'dc:format': expected });
    t.same(warnings, []);
  });
}

t.test('packets with nothing in them, and what is no packet', async (t) => {
  t.same(readXmp([packet('')]).xmp, { tags: {} });
  t.same(readXmp([Buffer.from('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')]).xmp, { tags: {} });
  t.same(readXmp([Buffer.from(`<rdf:RDF ${RDF}/>`)]).xmp, { tags: {} });
  t.same(readXmp([]), { xmp: null, warnings: [] });
  t.same(readXmp([new Uint8Array(), Buffer.alloc(100)]), { xmp: null, warnings: [] });
  for (const none of ['no markup', '<svg/>', '<', '<!DOCTYPE x [']) {
    t.match(
      readXmp([Buffer.from(none)]),
      { xmp: null, warnings: [{ code: 'TAGS_UNREADABLE', field: 'xmp' }] },
      none,
    );
  }
});
