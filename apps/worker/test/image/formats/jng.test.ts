import t from 'tap';
import { readJng } from '../../../src/image/formats/jng.ts';
import { be32, bearsCuts, bearsNoise, codes, join, type Part, readWith, zeros } from './byte-builder.ts';

const chunk = (type: string, ...data: Part[]) => {
  const body = join(...data);
  return join(be32(body.length), type, body, zeros(4));
};

function jng({ color = 10, depth = 8, interlace = 0 } = {}, ...chunks: Buffer[]): Buffer {
  const head = chunk('JHDR', be32(70, 46), color, depth, 8, interlace, zeros(4));
  return join('\x8bJNG\r\n\x1a\n', head, ...chunks, chunk('JDAT', 'any'), chunk('IEND'));
}

t.test('what JHDR says', async (t) => {
  t.match(readWith(readJng, jng()), {
    image: { storedWidth: 70, storedHeight: 46, bitDepth: 8, channels: 3, hasAlpha: false, pages: 1 },
    encoding: { codec: 'jpeg', progressive: false },
    compression: { method: 'jpeg', lossless: false },
    color: { model: 'ycbcr' },
    end: jng().length,
  });
  t.match(readWith(readJng, jng({ color: 12, depth: 12, interlace: 8 })), {
    image: { bitDepth: 12, channels: 2, hasAlpha: true },
    encoding: { progressive: true },
    color: { model: 'gray' },
  });
  t.match(readWith(readJng, jng({ color: 99, depth: 20 })).image, {
    channels: undefined,
    bitDepth: undefined,
  });
});

t.test('density', async (t) => {
  const density = (unit: number) =>
    readWith(readJng, jng({}, chunk('pHYs', be32(11811, 11811), unit))).image.density;
  t.same(density(1), { x: 300, y: 300, unit: 'inch', source: 'jng' });
  t.equal(density(0), undefined);
});

t.test('another first chunk, and chunks without an end', async (t) => {
  t.same(codes(readWith(readJng, join('\x8bJNG\r\n\x1a\n', chunk('JDAT', 'any')))), ['HEADER_MALFORMED']);
  const many = readWith(readJng, jng({}, ...Array.from({ length: 2000 }, () => chunk('teSt'))));
  t.same(codes(many), ['WALK_LIMIT']);
});

t.test('cut files and wrong bytes', async (t) => {
  bearsCuts(t, readJng, jng());
  bearsNoise(t, readJng, jng());
});
