import t from 'tap';
import { faultOfFilesPrefix } from '../src/index.ts';

const OWN = '0190b6a2-7f6b-7c1e-8000-000000000001';
const OTHER = '0190b6a2-7f6b-7c1e-8000-000000000002';

const RIGHT = [
  'photos/',
  'photos/2019/',
  'Bilder ä/',
  `${OWN}/files/`,
  `photos/${OTHER}/`,
  `${OTHER}x/`,
  '.hidden/',
];
const WRONG: [prefix: string, why: RegExp][] = [
  ['', /slash behind/],
  ['photos', /slash behind/],
  ['photos/2019', /slash behind/],
  ['/', /single slashes/],
  ['/photos/', /single slashes/],
  ['photos//2019/', /single slashes/],
  ['../', /single slashes/],
  ['photos/../', /single slashes/],
  ['./', /single slashes/],
  ['pho\\tos/', /backslash/],
  ['pho\0tos/', /control/],
  ['pho\ud800tos/', /control/],
  [`${'x'.repeat(512)}/`, /512 bytes/],
  [`${OTHER}/`, /another account/],
  [`${OTHER}/files/`, /another account/],
  [`${OTHER.toUpperCase()}/`, /another account/],
];

for (const prefix of RIGHT)
  t.test(`${prefix} is right`, async (t) => {
    t.equal(faultOfFilesPrefix(prefix, OWN), undefined);
  });
for (const [prefix, why] of WRONG)
  t.test(`${JSON.stringify(prefix.slice(0, 40))} is wrong`, async (t) => {
    t.match(faultOfFilesPrefix(prefix, OWN) ?? '', why);
  });
