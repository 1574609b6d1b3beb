import t from 'tap';
import { join } from '../byte-builder.ts';
import { av1C, bits, coded, ispe } from './heif-builder.ts';

const SEQUENCE_HEADER = 0x0a;
const unit = (text: string) => join(SEQUENCE_HEADER, bits(text).length, bits(text));
/** 100 × 50, of 8 bits, Display P3. */
const REDUCED = unit('000 1 1 00100 4:6 4:5 7:99 6:49 000 000 0 0 1 8:12 8:13 8:1 1 00 0 0');
/** 10 bits, 4:4:4, with timing, a decoder model and two operating points. */
const LONG = unit(
  `001 0 0 1 32:1 32:1 1 ue(5) 1 5:3 32:0 5:0 5:0 1 5:1
  12:0 5:9 0 1 4:0 4:0 0 1 4:3  12:0 5:4 0 0
  4:6 4:5 7:99 6:49 1 4:0 3:0 000 0000 1 00 0 1 0 0 3:0 000 1 0 1 0 0`,
);
/** 12 bits, 4:2:2. */
const PROFESSIONAL = unit('010 1 1 00100 4:6 4:5 7:99 6:49 000 000 1 1 0 0 0 1 0 00 0 0');
/** As RGB. */
const RGB = unit('001 1 1 00100 4:6 4:5 7:99 6:49 000 000 0 1 8:1 8:13 8:0 0 0 0');

const STREAMS: [name: string, data: Buffer, image: object, encoding: object, color: object][] = [
  [
    'of one picture',
    REDUCED,
    { bitDepth: 8 },
    { chromaSubsampling: '4:2:0', profile: 'Main', level: '3.0' },
    { space: 'display-p3', range: 'full' },
  ],
  [
    'of a film',
    LONG,
    { bitDepth: 10 },
    { chromaSubsampling: '4:4:4', profile: 'High', level: '4.1' },
    { range: 'full', primaries: undefined },
  ],
  [
    'of 12 bits',
    PROFESSIONAL,
    { bitDepth: 12 },
    { chromaSubsampling: '4:2:2', profile: 'Professional' },
    { range: 'limited' },
  ],
  [
    'as RGB',
    RGB,
    { bitDepth: 8 },
    { chromaSubsampling: '4:4:4' },
    { model: 'rgb', space: 'srgb', range: 'full' },
  ],
  ['behind a delimiter', join(0x12, 0, REDUCED), { bitDepth: 8 }, { chromaSubsampling: '4:2:0' }, {}],
  [
    'without a size of its own',
    join(SEQUENCE_HEADER - 2, REDUCED.subarray(2)),
    { bitDepth: 8 },
    {},
    { space: 'display-p3' },
  ],
];

for (const [name, data, image, encoding, color] of STREAMS) {
  t.test(`an AV1 sequence header ${name}`, async (t) => {
    t.match(coded({ data }), {
      image: { storedWidth: 100, storedHeight: 50, ...image },
      encoding,
      color,
      warnings: [],
    });
  });
}

t.test('the configuration stands; what the stream adds is size and colour', async (t) => {
  const size = { storedWidth: 100, storedHeight: 50, bitDepth: 8 };
  t.match(coded({ properties: [av1C(0x04, 0x0c, REDUCED)] }), {
    image: size,
    color: { space: 'display-p3' },
    warnings: [],
  });
  const contradicted = coded({ properties: [ispe(9, 9), av1C(0x49, 0x68)], data: REDUCED });
  t.match(contradicted, {
    image: { storedWidth: 9, bitDepth: 12 },
    encoding: { chromaSubsampling: '4:2:2' },
  });
  t.match(contradicted.warnings, [{ code: 'HEADER_MALFORMED', field: 'encoding' }]);
  const cut = coded({ properties: [ispe(9, 9), av1C()], data: REDUCED.subarray(0, 6) });
  t.match(cut, {
    image: { bitDepth: 8 },
    encoding: { profile: 'Main' },
    color: { space: undefined },
    warnings: [],
  });
});
