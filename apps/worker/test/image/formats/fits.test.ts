import t from 'tap';
import { readFits } from '../../../src/image/formats/fits.ts';
import { bearsCuts, bearsNoise, codes, join, NONE, readWith, zeros } from './byte-builder.ts';

function fits(cards: Record<string, string | number>, dataBytes = 2880): Buffer {
  const lines = Object.entries({ SIMPLE: 'T', ...cards }).map(
    ([name, value]) => `${name.padEnd(8)}= ${String(value).padStart(20)} / a comment`,
  );
  const text = [...lines, 'END'].map((line) => line.padEnd(80)).join('');
  return join(text.padEnd(Math.ceil(text.length / 2880) * 2880), zeros(dataBytes));
}

const plane = { BITPIX: -32, NAXIS: 2, NAXIS1: 20, NAXIS2: 30 };

t.test('one plane', async (t) => {
  t.match(readWith(readFits, fits(plane)), {
    image: { storedWidth: 20, storedHeight: 30, bitDepth: 32, channels: 1, pages: 1 },
    color: { model: 'gray' },
    compression: { method: 'none', lossless: true },
    truncated: undefined,
    warnings: NONE,
  });
  t.equal(readWith(readFits, fits(plane, 2399)).truncated, true);
});

t.test('what a third axis is for is not known', async (t) => {
  const cube = readWith(readFits, fits({ ...plane, BITPIX: 8, NAXIS: 3, NAXIS3: 3 }));
  t.match(cube.image, { storedWidth: 20, bitDepth: 8, channels: undefined, pages: undefined });
  const flat = readWith(readFits, fits({ ...plane, BITPIX: 8, NAXIS: 3, NAXIS3: 1 }));
  t.match(flat.image, { channels: 1, pages: 1 });
});

t.test('no picture in the primary part', async (t) => {
  for (const cards of [
    { BITPIX: 8, NAXIS: 0 },
    { ...plane, NAXIS1: 0 },
    { ...plane, NAXIS2: "'text'" },
  ]) {
    const header = readWith(readFits, fits(cards));
    t.equal(header.image.storedWidth, undefined);
    t.same(codes(header), ['HEADER_MALFORMED']);
  }
});

t.test('cards without an end', async (t) => {
  const header = readWith(readFits, join('COMMENT any'.padEnd(80).repeat(3000)));
  t.same(codes(header), ['WALK_LIMIT']);
});

t.test('cut files and wrong bytes', async (t) => {
  bearsCuts(t, readFits, fits(plane));
  bearsNoise(t, readFits, fits(plane));
});
