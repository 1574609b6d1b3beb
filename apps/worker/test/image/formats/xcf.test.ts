import t from 'tap';
import { readXcf } from '../../../src/image/formats/xcf.ts';
import { be32, bearsCuts, bearsNoise, codes, join, type Part, readWith } from './byte-builder.ts';

const property = (type: number, ...data: Part[]) => join(be32(type, join(...data).length), ...data);
const parasite = (name: string, data: string) =>
  join(be32(name.length + 1), `${name}\0`, be32(1, data.length), data);
const PPI_72 = '\x42\x90\0\0';

function xcf(version: string, { kind = 0, precision = 150 } = {}, ...properties: Buffer[]): Buffer {
  const hasPrecision = version !== 'file' && Number(version.slice(1)) >= 4;
  const words = hasPrecision ? [70, 46, kind, precision] : [70, 46, kind];
  return join(`gimp xcf ${version}\0`, be32(...words), ...properties, be32(0, 0), 'layers');
}

t.test('what the header says', async (t) => {
  const file = xcf('v011', {}, property(17, 1), property(19, PPI_72, PPI_72));
  t.match(readWith(readXcf, file), {
    formatVersion: '11',
    image: {
      storedWidth: 70,
      storedHeight: 46,
      bitDepth: 8,
      pages: 1,
      density: { x: 72, y: 72, unit: 'inch', source: 'xcf' },
    },
    compression: { method: 'rle', lossless: true },
    color: { model: 'rgb' },
  });
});

t.test('precisions of the versions', async (t) => {
  for (const [version, precision, bits] of [
    ['file', 0, 8],
    ['v003', 0, 8],
    ['v004', 1, 16],
    ['v004', 4, 32],
    ['v005', 500, 32],
    ['v006', 400, 16],
    ['v007', 500, 16],
    ['v012', 650, 32],
    ['v012', 9999, undefined],
  ] as const) {
    t.equal(readWith(readXcf, xcf(version, { precision })).image.bitDepth, bits, `${version} ${precision}`);
  }
});

t.test('colours, profile, EXIF', async (t) => {
  const colors = join(be32(1, 4), be32(2), 'abcdef');
  const parasites = join(parasite('icc-profile', 'profile'), parasite('exif-data', 'Exif\0\0II*\0'));
  const header = readWith(readXcf, xcf('v001', { kind: 2 }, colors, property(21, parasites)));
  t.match(header, { image: { channels: 1 }, color: { model: 'indexed', palette: { size: 2 } } });
  t.equal(Buffer.from(header.blocks.icc ?? []).toString(), 'profile');
  t.equal(Buffer.from(header.blocks.exif ?? []).toString(), 'II*\0');
});

t.test('properties without an end', async (t) => {
  const many = Array.from({ length: 2000 }, () => property(99));
  t.same(codes(readWith(readXcf, xcf('v001', {}, ...many))), ['WALK_LIMIT']);
});

t.test('cut files and wrong bytes', async (t) => {
  const file = xcf('v011', {}, property(17, 1), property(21, parasite('icc-profile', 'profile')));
  bearsCuts(t, readXcf, file);
  bearsNoise(t, readXcf, file);
});
