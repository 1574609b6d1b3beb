import type { ImageFormat, Metadata } from '@tintype/core/contract';
import t from 'tap';
import { crossCheck } from '../../src/image/cross-check.ts';
import type { PixelReading } from '../../src/image/pixels/read-pixels.ts';

const own = { storedWidth: 30, storedHeight: 20, width: 20, height: 30, pages: 2 };
type Seen = { width: number; height: number; pages?: number } | undefined;

const seen = (header: Seen): PixelReading => ({
  state: 'ok',
  facts: {},
  warnings: [],
  ...(header && { header: header as NonNullable<PixelReading['header']> }),
});

const CASES: [name: string, format: ImageFormat, image: Metadata['image'], header: Seen, fields: string[]][] =
  [
    ['nothing was decoded', 'png', own, undefined, []],
    ['they agree', 'tiff', own, { width: 30, height: 20, pages: 2 }, []],
    ['the width differs', 'png', own, { width: 31, height: 20 }, ['image.storedWidth']],
    ['both sides differ', 'png', own, { width: 20, height: 30 }, ['image.storedWidth', 'image.storedHeight']],
    [
      'the pages of a GIF differ, its screen may',
      'gif',
      own,
      { width: 99, height: 99, pages: 3 },
      ['image.pages'],
    ],
    ['pages of what libvips does not count', 'png', own, { width: 30, height: 20, pages: 1 }, []],
    [
      'HEIF is seen as it is shown',
      'avif',
      { ...own, transform: { rotate: 90 } },
      { width: 20, height: 30 },
      [],
    ],
    ['what we do not know is no disagreement', 'png', {}, { width: 1, height: 1 }, []],
  ];

for (const [name, format, image, header, fields] of CASES) {
  t.test(name, async (t) => {
    const warnings = crossCheck(image, format, seen(header));
    t.same(
      warnings.map(({ field }) => field),
      fields,
    );
    for (const warning of warnings)
      t.match(warning, { code: 'TOOLS_DISAGREE', message: /\d+.*libvips.*\d+/ });
  });
}
