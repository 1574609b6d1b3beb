import type { Accepted } from '@tintype/core';
import t from 'tap';
import { acceptedOf } from '../../src/delivery/accept-format.ts';

const CHROME = 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8';
const FIREFOX = 'image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5';
const SAFARI =
  'image/webp,image/avif,image/jxl,image/heic,image/heic-sequence,video/*;q=0.8,image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5';

const TABLE: [header: string | undefined, accepted: Accepted][] = [
  [undefined, 'plain'],
  ['', 'plain'],
  ['*/*', 'plain'],
  ['image/*', 'plain'],
  [CHROME, 'avif'],
  [FIREFOX, 'avif'],
  [SAFARI, 'avif'],
  ['image/webp,*/*', 'webp'],
  ['IMAGE/WEBP', 'webp'],
  ['image/avif', 'avif'],
  ['image/avif;q=0,image/webp', 'webp'],
  ['image/avif;q=0.000, image/webp;q=0', 'plain'],
  ['image/avif;q=0', 'plain'],
  ['image/avif;q=0.5,image/webp', 'webp'],
  ['image/avif;q=0.9,image/webp;q=0.8,image/png;q=0.7', 'avif'],
  ['image/webp;q=0.5,image/jpeg', 'plain'],
  ['image/avif;q=0.5,*/*', 'plain'],
  ['image/webp ; q=1.0', 'webp'],
  ['image/webp;v=1;q=0', 'plain'],
  // It would be sent an animation that it does not show.
  ['image/avif,image/webp;q=0', 'plain'],
  ['image/avif;q=2', 'plain'],
  ['image/avif;q=nonsense,image/webp', 'webp'],
  ['text/html', 'plain'],
  [`${'a/b,'.repeat(1000)}image/avif`, 'plain'],
];

for (const [header, accepted] of TABLE) {
  t.test(`${String(header).slice(0, 60)} is ${accepted}`, async (t) => {
    t.equal(acceptedOf(header), accepted);
  });
}
