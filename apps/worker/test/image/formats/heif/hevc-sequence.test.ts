import t from 'tap';
import { bits, coded, hvcC, u16 } from './heif-builder.ts';

const HEVC_START = '0000 000 1 48:0 48:0 ue(0)';
const CODED_BLOCKS = 'ue(0) ue(0) ue(4) 1 ue(0) ue(0) ue(0) ue(0) ue(0) ue(0) ue(0) ue(0) ue(0)';
const COLOR = '1  1 8:255 16:1 16:1  1 0  1 101 0 1 8:9 8:16 8:9';
const NAL = [0x42, 0x01];
const array = (sps: Buffer) => [2, 0x20, u16(1), u16(2), 'vp', 0x21, u16(1), u16(sps.length + 2), NAL, sps];
const escaped = (data: Buffer) =>
  Buffer.from(
    data
      .toString('hex')
      .replace(/(..)/g, '$1 ')
      .replace(/00 00 (?=0[0-3])/g, '00 00 03 ')
      .replace(/ /g, ''),
    'hex',
  );

const SETS: [name: string, sps: string][] = [
  [
    'plain',
    `${HEVC_START} ue(1) ue(104) ue(56) 1 ue(1) ue(1) ue(2) ue(1) ${CODED_BLOCKS} 0 00 0 ue(0) 0 00 ${COLOR}`,
  ],
  [
    'with everything that may stand in between',
    `0000 001 1 48:0 48:0 11 00 00 00 00 00 00 00 48:0 48:0 ue(0) ue(3) 0 ue(104) ue(54) 1 ue(2) ue(2) ue(2) ue(2)
     ue(0) ue(0) ue(4) 0 ue(0) ue(0) ue(0) ue(0) ue(0) ue(0) ue(0) ue(0) ue(0)
     1 1 ${'0 ue(0) '.repeat(19)} 1 ue(3) ${'ue(1) '.repeat(64)}
     00 1 4:7 4:7 ue(0) ue(0) 0
     ue(2) ue(1) ue(1) ue(0) 1 ue(0) 1  1 0 ue(0) 1 01 1
     1 ue(1) 8:0 1  00 ${COLOR}`,
  ],
];

for (const [name, sps] of SETS) {
  t.test(`an HEVC parameter set: ${name}`, async (t) => {
    const header = coded({ type: 'hvc1', properties: [hvcC(1, 0, 93, 1, 8, ...array(escaped(bits(sps))))] });
    t.match(header.image, { storedWidth: 100, storedHeight: 50 });
    t.match(header.color, { primaries: 'bt2020', transfer: 'pq', matrix: 'bt2020-ncl', range: 'limited' });
    t.same(header.warnings, []);
  });
}

t.test('a parameter set that is cut tells its size, or nothing', async (t) => {
  const sps = escaped(bits(SETS[0]?.[1] ?? ''));
  const sizes = Array.from({ length: sps.length }, (_, length) => {
    const header = coded({
      type: 'hvc1',
      properties: [hvcC(1, 0, 93, 1, 8, ...array(sps.subarray(0, length)))],
    });
    t.match(header, { encoding: { profile: 'Main' }, warnings: [] });
    return header.image.storedWidth;
  });
  t.equal(sizes[0], undefined);
  t.equal(sizes.at(-1), 100);
});
