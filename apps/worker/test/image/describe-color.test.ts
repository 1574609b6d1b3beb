import t from 'tap';
import { describeColor } from '../../src/image/describe-color.ts';
import { emptyHeader, type Header } from '../../src/image/header.ts';
import { readTags, type TagReading } from '../../src/image/read-tags.ts';

const NOTHING = readTags(emptyHeader());
const icc = (description: string, code?: [primaries: number, transfer: number]): Partial<TagReading> => ({
  icc: {
    icc: { bytes: 1, description },
    warnings: [],
    cicp: code && { primaries: code[0], transfer: code[1], matrix: 0, isFullRange: true },
  },
});

const COLORS: [name: string, header: Header['color'], tags: Partial<TagReading>, expected: object][] = [
  ['nothing', {}, {}, {}],
  ['a profile by its name', {}, icc('Display P3'), { space: 'display-p3' }],
  [
    'a profile by its code points, without the matrix of its own samples',
    { model: 'ycbcr' },
    icc('Rec. 2020 PQ', [9, 16]),
    { model: 'ycbcr', space: 'bt2020', transfer: 'pq', primaries: 'bt2020' },
  ],
  [
    'what the header says, whatever the profile says',
    { space: 'srgb', transfer: 'srgb', primaries: 'bt709' },
    icc('Rec. 2020 PQ', [9, 16]),
    { space: 'srgb', transfer: 'srgb', primaries: 'bt709' },
  ],
  [
    'a gain map',
    {},
    { xmp: { ...NOTHING.xmp, gainMap: 'ultra-hdr-1' } },
    { hdr: { standard: 'ultra-hdr-1', gainMap: true } },
  ],
];

for (const [name, color, tags, expected] of COLORS) {
  t.test(name, async (t) =>
    t.strictSame(describeColor({ ...emptyHeader(), color }, { ...NOTHING, ...tags }), expected),
  );
}
