// XMP and SVG: entities that multiply, nesting without end, and whatever tempts a reader to open a file or a connection.
import { chunk, idat, iend, ihdr, png } from '../image/formats/png/png-builder.ts';
import { type Attack, attacksOn, type Row } from './attack.ts';

/** Ten entities, each ten times the one before: a billion laughs. */
const LAUGHS = `<!DOCTYPE svg [<!ENTITY l0 "laugh">${Array.from(
  { length: 9 },
  (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`,
).join('')}]>`;
/** One entity, very often. */
const QUADRATIC = `<!DOCTYPE svg [<!ENTITY l9 "${'x'.repeat(100_000)}">]>`;
const RECURSIVE = '<!DOCTYPE svg [<!ENTITY l9 "&l8;"><!ENTITY l8 "&l9;">]>';

/** @param url of a file or a server that must not be asked */
const outside = (url: string) => [
  `<!DOCTYPE svg SYSTEM "${url}">`,
  `<!DOCTYPE svg [<!ENTITY l9 SYSTEM "${url}">]>`,
  `<!DOCTYPE svg [<!ENTITY % p SYSTEM "${url}"> %p;]>`,
  `<?xml-stylesheet href="${url}"?>`,
];

const inSvg = (head: string, body: string) =>
  Buffer.from(
    `<?xml version="1.0"?>${head}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">${body}</svg>`,
  );
const RDF =
  'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"';
const packet = (head: string, body: string) =>
  Buffer.from(
    `${head}<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF ${RDF}><rdf:Description rdf:about="">${body}</rdf:Description></rdf:RDF></x:xmpmeta>`,
  );
const inPng = (xmp: Uint8Array) => png(ihdr(), chunk('iTXt', 'XML:com.adobe.xmp\0\0\0\0\0', xmp), idat, iend);

const LAUGH = '<dc:title>&l9;</dc:title>';
const nest = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
const M = 1_000_000;

const XMP_ROWS: readonly [name: string, head: string, body: () => string][] = [
  ['a billion laughs', LAUGHS, () => LAUGH],
  ['a long entity, 100,000 times', QUADRATIC, () => `<dc:title>${'&l9;'.repeat(100_000)}</dc:title>`],
  ['entities of each other', RECURSIVE, () => LAUGH],
  ['elements 100,000 deep', '', () => nest('<dc:a>', '</dc:a>', 100_000)],
  ['elements 2 million deep that never end', '', () => '<dc:a>'.repeat(2 * M)],
  ['structures 20,000 deep', '', () => nest('<dc:a><rdf:Description>', '</rdf:Description></dc:a>', 20_000)],
  ['bags 20,000 deep', '', () => nest('<dc:a><rdf:Bag><rdf:li>', '</rdf:li></rdf:Bag></dc:a>', 20_000)],
  [
    '500,000 items',
    '',
    () => `<dc:subject><rdf:Bag>${'<rdf:li>x</rdf:li>'.repeat(500_000)}</rdf:Bag></dc:subject>`,
  ],
  [
    '300,000 properties',
    '',
    () => Array.from({ length: 300_000 }, (_, at) => `<dc:p${at}>x</dc:p${at}>`).join(''),
  ],
  ['one property 500,000 times', '', () => '<dc:title>x</dc:title>'.repeat(500_000)],
  ['a text of 20 MB', '', () => `<dc:title>${'x'.repeat(20 * M)}</dc:title>`],
  ['20 MB of character references', '', () => `<dc:title>${'&#65;'.repeat(4 * M)}</dc:title>`],
  ['20 MB of broken references', '', () => `<dc:title>${'&'.repeat(20 * M)}</dc:title>`],
  ['20 MB of blanks', '', () => ' '.repeat(20 * M)],
  ['20 MB of "<"', '', () => '<'.repeat(20 * M)],
  ['a comment of 20 MB that never ends', '', () => `<!--${'-'.repeat(20 * M)}`],
  [
    '200,000 name spaces',
    '',
    () => `<dc:a ${Array.from({ length: 200_000 }, (_, at) => `xmlns:n${at}="u"`).join(' ')}/>`,
  ],
  [
    '200,000 attributes',
    '',
    () => `<dc:a ${Array.from({ length: 200_000 }, (_, at) => `dc:n${at}="u"`).join(' ')}/>`,
  ],
  ['200,000 packets', '', () => '<?xpacket begin=""?>'.repeat(200_000)],
  [
    'names of prototypes',
    '',
    () => '<dc:__proto__>1</dc:__proto__><dc:constructor>2</dc:constructor><dc:toString rdf:resource="x"/>',
  ],
];

const SVG_ROWS: readonly [name: string, head: string, body: () => string][] = [
  ['a billion laughs', LAUGHS, () => '<title>&l9;</title>'],
  ['a long entity, 100,000 times', QUADRATIC, () => `<title>${'&l9;'.repeat(100_000)}</title>`],
  ['entities of each other', RECURSIVE, () => '<title>&l9;</title>'],
  ['elements 200,000 deep', '', () => nest('<g>', '</g>', 200_000)],
  ['a use of itself', '', () => '<g id="a"><use xlink:href="#a"/><use xlink:href="#a"/></g>'],
  ['a path of 20 MB', '', () => `<path d="${'M0 0'.repeat(5 * M)}"/>`],
  ['a declaration of 20 MB', `<!-- ${'-'.repeat(20 * M)} -->`, () => ''],
  ['300,000 declarations', `<!DOCTYPE svg [${'<!ENTITY a "b">'.repeat(300_000)}]>`, () => ''],
  ['scripts', '', () => '<script>while (true);</script><a xlink:href="javascript:alert(1)" onload="x()"/>'],
];

const xmpAttack = ([name, head, body]: (typeof XMP_ROWS)[number]): Row => [
  `XMP, ${name}`,
  () => inPng(packet(head, body())),
];
const svgAttack = ([name, head, body]: (typeof SVG_ROWS)[number]): Row => [name, () => inSvg(head, body())];

const SIZES = [
  '1e308',
  '99999999999999999999',
  '-1',
  'NaN',
  '1e-400',
  '0',
  '9'.repeat(100_000),
  '1e5000px',
  'calc(1/0)',
];
const svgOf = (size: string) =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 ${size} ${size}"/>`,
  );

export const XML_ATTACKS: Attack[] = [
  ...attacksOn('png', XMP_ROWS.map(xmpAttack)),
  ...attacksOn('svg', SVG_ROWS.map(svgAttack)),
  ...attacksOn(
    'svg',
    SIZES.map((size) => [`of the size ${size.slice(0, 20)}`, () => svgOf(size)]),
  ),
  ...attacksOn('svg', [
    ['20 MB of an attribute that never ends', () => Buffer.from(`<svg width="${'1'.repeat(20 * M)}`)],
    ['20 MB of blanks before a value', () => Buffer.from(`<svg width${' '.repeat(20 * M)}=1`)],
    ['20 MB of attributes', () => Buffer.from(`<svg ${'a="b" '.repeat(3 * M)}/>`)],
    ['in UTF-16, half a letter', () => Buffer.from('\uFEFF<svg width="9', 'utf16le').subarray(0, -1)],
  ]),
];

/** Files that ask for what is outside of them. */
export function reachingOut(url: string): Attack[] {
  return [
    ...attacksOn(
      'svg',
      outside(url).map((head, at) => [`outside ${at}: ${url}`, () => inSvg(head, '<title>&l9;</title>')]),
    ),
    ...attacksOn('svg', [
      [
        `links to ${url}`,
        () =>
          inSvg(
            '',
            `<image xlink:href="${url}" href="${url}"/><use href="${url}#a"/><style>@import url(${url});</style><feImage href="${url}"/>`,
          ),
      ],
    ]),
    ...attacksOn(
      'png',
      outside(url).map((head, at) => [`XMP, outside ${at}: ${url}`, () => inPng(packet(head, LAUGH))]),
    ),
    ...attacksOn('png', [
      [
        `XMP, links to ${url}`,
        () => inPng(packet('', `<dc:a rdf:resource="${url}"/><dc:source>${url}</dc:source>`)),
      ],
    ]),
  ];
}
