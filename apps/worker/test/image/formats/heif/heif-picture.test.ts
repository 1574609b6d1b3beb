import t from 'tap';
import { av1C, box, heif, ispe, nclx, pixi, read, u16 } from './heif-builder.ts';

const one = (...properties: Buffer[]) => heif({ items: [{ properties }] });

const COLORS: [name: string, properties: Buffer[], color: object][] = [
  [
    'PQ',
    [nclx(9, 16, 9, false)],
    { space: 'bt2020', transfer: 'pq', matrix: 'bt2020-ncl', range: 'limited', hdr: { standard: 'pq' } },
  ],
  ['HLG', [nclx(9, 18, 9)], { primaries: 'bt2020', transfer: 'hlg', hdr: { standard: 'hlg' } }],
  ['Display P3', [nclx(12, 13, 1)], { space: 'display-p3', primaries: 'display-p3', matrix: 'bt709' }],
  ['RGB', [nclx(1, 13, 0)], { model: 'rgb', matrix: 'identity' }],
  ['a pair without a name', [nclx(1, 8, 1)], { space: undefined, transfer: 'linear' }],
  [
    'nothing known',
    [nclx(2, 2, 2)],
    { model: 'ycbcr', primaries: undefined, transfer: undefined, matrix: undefined, range: 'full' },
  ],
  ['without a box', [], { model: 'ycbcr', range: undefined }],
  ['QuickTime’s', [box('colr', 'nclc', u16(1), u16(1), u16(1))], { space: 'bt709', range: undefined }],
];

for (const [name, properties, color] of COLORS) {
  t.test(`colour: ${name}`, async (t) => t.match(read(one(ispe(4, 4), av1C(), ...properties)).color, color));
}

t.test('grey is grey whatever the matrix; 4:4:4 without a matrix may be anything', async (t) => {
  t.match(read(one(ispe(4, 4), av1C(0, 0x1c), nclx(1, 13, 6))), {
    color: { model: 'gray' },
    image: { channels: 1 },
  });
  t.equal(read(one(ispe(4, 4), av1C(0x20, 0), nclx(1, 13, 2))).color.model, undefined);
});

t.test('an ICC profile stands beside code points', async (t) => {
  const file = one(ispe(4, 4), av1C(), nclx(1, 13, 6), box('colr', 'prof', 'profile'));
  t.match(read(file), { blocks: { icc: Buffer.from('profile') }, color: { matrix: 'bt601' } });
  t.same(read(one(box('colr', 'rICC', 'restricted'))).blocks.icc, Buffer.from('restricted'));
});

t.test('depth: of the channels, else of the configuration', async (t) => {
  const depthOf = (...properties: Buffer[]) => read(one(ispe(4, 4), ...properties)).image.bitDepth;
  t.equal(depthOf(av1C(0, 0x4c), pixi(10, 10, 10)), 10);
  t.equal(depthOf(av1C(0, 0x4c)), 10);
  t.equal(depthOf(pixi(5, 6, 5)), 6);
  t.equal(depthOf(), undefined);
});
