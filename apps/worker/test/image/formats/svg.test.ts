import t from 'tap';
import { readSvg } from '../../../src/image/formats/svg.ts';
import { bearsCuts, bearsNoise, codes, join, readWith } from './byte-builder.ts';

const read = (text: string) => readWith(readSvg, Buffer.from(text));
const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le');

const SIZES: [name: string, attributes: string, width?: number | undefined, height?: number][] = [
  ['numbers', 'width="123" height="45"', 123, 45],
  ['pixels, quoted either way', `width='123px' height=" 45PX "`, 123, 45],
  ['an exponent', 'width="1.2e2" height="4.5E+1"', 120, 45],
  ['a fraction is rounded', 'width="10.5" height=".6"', 11, 1],
  ['never to nothing', 'width="0.2" height="1."', 1, 1],
  ['inches and points', 'width="10in" height="720pt"', 960, 960],
  ['centimetres and millimetres', 'width="25.4cm" height="254mm"', 960, 960],
  ['picas and quarter millimetres', 'width="60pc" height="1016q"', 960, 960],
  ['a view box alone', 'viewBox="0 0 300 200"', 300, 200],
  ['a view box with commas', 'viewBox="-10,-10,300 , 200"', 300, 200],
  ['sizes before the view box', 'width="30" height="90" viewBox="0 0 300 200"', 30, 90],
  ['a width, and the ratio of the view box', 'width="150" viewBox="0 0 300 200"', 150, 100],
  ['a height, and the ratio of the view box', 'height="1in" viewBox="0 0 300 200"', 144, 96],
  ['percentages say nothing', 'width="100%" height="100%" viewBox="0 0 300 200"', 300, 200],
  ['relative units say nothing', 'width="10em" height="50" viewBox="0 0 300 200"', 75, 50],
  ['auto says nothing', 'width="auto" height="auto"'],
  ['a width alone', 'width="100"', 100],
  ['nothing at all', ''],
  ['a size of 0', 'width="0" height="0"'],
  ['a size below 0', 'width="-5" height="5" viewBox="0 0 0 1"', undefined, 5],
  ['no number', 'width="wide" height="1e999"'],
  ['a view box of three', 'viewBox="0 0 5"'],
  ['a stroke is no width', 'stroke-width="2" xlink:height="7"'],
  ['a length without end', `width="${'1'.repeat(100_000)}" height="${'1'.repeat(60)}x"`],
];

for (const [name, attributes, width, height] of SIZES) {
  t.test(`size: ${name}`, async (t) => {
    const header = read(`<svg xmlns="http://www.w3.org/2000/svg" ${attributes}><g/></svg>`);
    t.same([header.image.storedWidth, header.image.storedHeight], [width, height]);
    t.same(header.warnings, []);
  });
}

const WRAPPINGS: [name: string, file: Buffer][] = [
  [
    'a declaration and a doctype',
    Buffer.from('<?xml version="1.0"?>\n<!DOCTYPE svg>\n<svg width="7"></svg>'),
  ],
  ['a prefix', Buffer.from('<s:svg xmlns:s="x" width="7"><s:g/></s:svg>')],
  [
    'entities that are not resolved',
    Buffer.from('<!DOCTYPE svg [<!ENTITY n "v">]><svg x="&n;" width="7"></svg>'),
  ],
  ['a byte order mark', Buffer.from('\uFEFF<svg width="7"></svg>')],
  ['UTF-16', utf16('<svg width="7"></svg>')],
  ['big-endian UTF-16', utf16('<svg width="7"></svg>').swap16()],
  [
    'an encoding of its own',
    join(`<?xml version="1.0" encoding='ISO-8859-1'?><svg width="7"><title>\xe9</title></svg>`),
  ],
  ['an encoding that nobody knows', join('<?xml version="1.0" encoding="klingon"?><svg width="7"></svg>')],
  ['a declaration that is not true', join('<?xml version="1.0" encoding="utf-16"?><svg width="7"></svg>')],
  ['a long comment', Buffer.from(`<!--${' x'.repeat(30_000)}--><svg width="7"></svg>`)],
];

for (const [name, file] of WRAPPINGS) {
  t.test(`behind or in ${name}`, async (t) => {
    const header = readWith(readSvg, file);
    t.match(header, { image: { storedWidth: 7 }, truncated: undefined });
    t.same(header.warnings, []);
  });
}

t.test('version and profile', async (t) => {
  t.match(read('<svg version="1.1" baseProfile="tiny"/>'), {
    formatVersion: '1.1',
    encoding: { profile: 'tiny' },
  });
  t.equal(read(`<svg version="${'9'.repeat(99)}"/>`).formatVersion, undefined);
});

t.test('title and description of the whole, and of it alone', async (t) => {
  const text = `<svg><g><title>part</title></g><title> The <b>whole</b> &amp; <![CDATA[more]]></title>
    <desc>é</desc><desc>again</desc><title>again</title></svg>`;
  t.same(read(text).blocks.texts, [
    ['Title', 'The whole & more'],
    ['Description', 'é'],
  ]);
  const latin = join(`<?xml version="1.0" encoding="iso-8859-1"?><svg><title>\xe9</title></svg>`);
  t.same(readWith(readSvg, latin).blocks.texts, [['Title', 'é']]);
  t.equal(read('<svg><title/></svg>').blocks.texts, undefined);
});

t.test('metadata', async (t) => {
  const packet = (text: string) => Buffer.from(read(text).blocks.xmp?.[0] ?? []).toString();
  const xmp = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>é</rdf:RDF></x:xmpmeta>';
  t.equal(packet(`<svg><metadata><?xpacket begin=""?>${xmp}<?xpacket end="w"?></metadata></svg>`), xmp);
  const rdf = '<rdf:RDF><cc:Work/></rdf:RDF>';
  t.equal(
    packet(`<svg xmlns:rdf="r" xmlns:cc="c" width="1"><metadata>${rdf}</metadata></svg>`),
    `<x:xmpmeta xmlns:x="adobe:ns:meta/" xmlns:rdf="r" xmlns:cc="c">${rdf}</x:xmpmeta>`,
  );
  t.equal(packet('<svg><metadata><rdf:RDF></metadata></svg>'), '');
});

const ENDS: [name: string, text: string, end?: number | undefined, truncated?: boolean][] = [
  ['at the last tag', '<svg></svg>', 11],
  ['behind blanks, comments and instructions', '<svg></svg>\n<!-- a --><?b c?>\n', 30],
  ['before what is no XML', '<svg></svg>\nPK', 12],
  ['of an empty root', '<svg/>', 6],
  ['of a file that stops before it', '<svg><g></g>', undefined, true],
  ['of a file that stops in its root', '<svg width="5"', undefined, true],
  ['of an inner picture, which is not the whole', '<s:svg><svg></svg>', undefined, true],
];

for (const [name, text, end, truncated] of ENDS) {
  t.test(`the end ${name}`, async (t) => t.match(read(text), { end, truncated }));
}

t.test('what is not well-formed is read as far as it goes', async (t) => {
  const unquoted = read('<svg width=100 height=50></svg>');
  t.match(unquoted.image, { storedWidth: 100, storedHeight: 50 });
  t.same(codes(unquoted), ['HEADER_MALFORMED']);
  t.same(codes(read('<html><svg width="5"/></html>')), ['HEADER_MALFORMED']);
  t.same(codes(read(`<!-- ${'x'.repeat(1_100_000)} --><svg/>`)), ['WALK_LIMIT']);
});

t.test('hostile texts end soon', async (t) => {
  const begun = performance.now();
  const texts = [
    `<svg>${'<g>'.repeat(300_000)}`,
    `<svg>${'&;'.repeat(300_000)}`,
    `<svg>${'&a;'.repeat(300_000)}`,
    `<svg ${'<'.repeat(900_000)}`,
    `<svg ${Array.from({ length: 60_000 }, (_, index) => `a${index}="1"`).join(' ')}/>`,
    `<!DOCTYPE svg [${'<!ENTITY a "&a;&a;">'.repeat(40_000)}]><svg>&a;</svg>`,
    `<svg></svg>${'<!---->'.repeat(100_000)}`,
    `<svg>${'<rdf:RDF'.repeat(100_000)}</svg>`,
  ];
  for (const text of texts) read(text);
  t.ok(performance.now() - begun < 8000);
});

t.test('cut and wrong', async (t) => {
  const file = Buffer.from(
    '<?xml version="1.0"?><svg height="3" width="5"><title>a</title><g id="b"/></svg>',
  );
  bearsCuts(t, readSvg, file);
  bearsNoise(t, readSvg, file);
  t.match(readWith(readSvg, file.subarray(0, 60)), {
    truncated: true,
    image: { storedWidth: 5, storedHeight: 3 },
  });
});
