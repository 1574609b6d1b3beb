import t from 'tap';
import { readXmp } from '../../../src/image/tags/xmp.ts';
import { packet } from './xmp-builder.ts';

const read = (elements: string, attributes = '') => readXmp([packet(elements, attributes)]);

const POSITIONS: [attributes: string, expected: object | undefined][] = [
  [
    'exif:GPSLatitude="38,53.4142N" exif:GPSLongitude="77,2.9578W"',
    { latitude: 38.890236667, longitude: -77.049296667 },
  ],
  [
    'exif:GPSLatitude="33,51,35.9S" exif:GPSLongitude="151,12,40E"',
    { latitude: -33.859972222, longitude: 151.211111111 },
  ],
  ['exif:GPSLatitude="-12.5" exif:GPSLongitude="+130.25"', { latitude: -12.5, longitude: 130.25 }],
  [
    'exif:GPSLatitude="12.5" exif:GPSLongitude="13.25" exif:GPSLatitudeRef="S" exif:GPSLongitudeRef="W"',
    { latitude: -12.5, longitude: -13.25 },
  ],
  [
    'exif:GPSLatitude="1,0N" exif:GPSLongitude="2,0E" exif:GPSAltitude="12345/100" exif:GPSAltitudeRef="0"',
    { latitude: 1, longitude: 2, altitude: 123.45 },
  ],
  [
    'exif:GPSLatitude="1,0N" exif:GPSLongitude="2,0E" exif:GPSAltitude="5" exif:GPSAltitudeRef="1"',
    { latitude: 1, longitude: 2, altitude: -5 },
  ],
  ['exif:GPSLatitude="1,0N" exif:GPSLongitude="2,0E" exif:GPSAltitude="1/0"', { latitude: 1, longitude: 2 }],
  ['exif:GPSLatitude="91,0N" exif:GPSLongitude="2,0E"', undefined],
  ['exif:GPSLatitude="1,0N"', undefined],
  ['exif:GPSLatitude="somewhere" exif:GPSLongitude="else"', undefined],
];

for (const [attributes, expected] of POSITIONS) {
  t.test(attributes, async (t) => {
    const { gps } = read('', attributes);
    t.same(gps === undefined ? undefined : rounded(gps), expected);
  });
}

function rounded(position: object): object {
  return Object.fromEntries(
    Object.entries(position).map(([name, value]) => [name, Math.round(value * 1e9) / 1e9]),
  );
}

const DATES: [written: string, expected: string | undefined][] = [
  ['2024', '2024'],
  ['2024-05', '2024-05'],
  ['2024-05-06', '2024-05-06'],
  ['2024-05-06T07:08', '2024-05-06T07:08'],
  ['2024-05-06T07:08:09Z', '2024-05-06T07:08:09Z'],
  ['2024-05-06T07:08:09.123-0330', '2024-05-06T07:08:09.123-03:30'],
  ['2024:05:06 07:08:09', '2024-05-06T07:08:09'],
  ['0000-00-00T00:00:00', undefined],
  ['2024-13-01', undefined],
  ['2024-05-06T07:61', undefined],
  ['yesterday', undefined],
];

for (const [written, expected] of DATES) {
  t.test(`date: ${written}`, async (t) =>
    t.equal(read('', `xmp:CreateDate="${written}"`).xmp?.createdAt, expected),
  );
}

const item = (semantic: string) =>
  `<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="${semantic}"/></rdf:li>`;
const directory = (...items: string[]) =>
  `<Container:Directory><rdf:Seq>${items.join('')}</rdf:Seq></Container:Directory>`;
const source = 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia';

const FACTS: [name: string, elements: string, attributes: string, expected: object][] = [
  [
    'nothing',
    '',
    '',
    {
      orientation: undefined,
      gainMap: undefined,
      digitalSourceType: undefined,
      hasSerial: false,
      hasOwner: false,
      c2pa: false,
    },
  ],
  ['orientation', '', 'tiff:Orientation="6"', { orientation: 6 }],
  ['an orientation that there is not', '', 'tiff:Orientation="9"', { orientation: undefined }],
  ['a rating as a fraction', '', 'xmp:Rating="9/2"', { xmp: { rating: 4.5 } }],
  ['a rating that is none', '', 'xmp:Rating="good"', { xmp: { rating: undefined } }],
  [
    'made by a model',
    `<Iptc4xmpExt:DigitalSourceType rdf:resource="${source}"/>`,
    '',
    { digitalSourceType: 'trainedAlgorithmicMedia' },
  ],
  [
    'a source without a path',
    '',
    'Iptc4xmpExt:DigitalSourceType="digitalCapture"',
    { digitalSourceType: 'digitalCapture' },
  ],
  [
    'Ultra HDR',
    directory(item('Primary'), item('GainMap')),
    'hdrgm:Version="1.0"',
    { gainMap: 'ultra-hdr-1' },
  ],
  ['a version without a gain map', directory(item('Primary')), 'hdrgm:Version="1.0"', { gainMap: undefined }],
  ['a gain map of Apple', '', 'HDRGainMap:HDRGainMapVersion="65536"', { gainMap: 'apple-gain-map' }],
  ['serial numbers', '', 'aux:SerialNumber="123"', { hasSerial: true, hasOwner: false }],
  ['serial numbers without digits', '', 'aux:LensSerialNumber=""', { hasSerial: false }],
  ['an owner', '', 'aux:OwnerName="N. N."', { hasOwner: true, hasSerial: false }],
  ['a creator', '<dc:creator><rdf:Seq><rdf:li>N. N.</rdf:li></rdf:Seq></dc:creator>', '', { hasOwner: true }],
  ['credentials', '', 'dcterms:provenance="self#jumbf=c2pa"', { c2pa: true }],
  [
    'texts that are too long are not named',
    `<dc:rights>${'x'.repeat(5000)}</dc:rights>`,
    '',
    { xmp: { rights: undefined } },
  ],
];

for (const [name, elements, attributes, expected] of FACTS) {
  t.test(`facts: ${name}`, async (t) => t.match(read(elements, attributes), expected));
}
