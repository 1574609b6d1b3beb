// What shows who is asking: right, worth nothing, or contradicting itself.
import fc, { type Arbitrary } from 'fast-check';
import type { Header, Who } from './attempt.ts';
import type { Operation } from './document.ts';
import { token } from './tokens.ts';

export interface Credential {
  who: Who;
  headers: Header[];
}

const withKey = (who: Who): Arbitrary<Credential> =>
  fc
    .constantFrom<Header>(
      ['x-api-key', token('key', who)],
      ['authorization', `Bearer ${token('key', who)}`],
      ['Authorization', `bearer  ${token('key', who)}`],
    )
    .map((header) => ({ who, headers: [header] }));
const withCookie = (who: Who): Arbitrary<Credential> =>
  fc
    .constantFrom<Header[]>(
      [['cookie', token('cookie', who)]],
      [['cookie', `a=b; ${token('cookie', who)}`]],
      [
        ['cookie', token('cookie', who)],
        ['sec-fetch-site', 'same-origin'],
      ],
    )
    .map((headers) => ({ who, headers }));

const NOTHING: readonly Header[][] = [
  [],
  ...[
    '',
    'x',
    'tt_',
    `${token('key', 'owner')}x`,
    'tt_x_y',
    'k'.repeat(5000),
    "' OR 1=1 --",
    '__proto__',
    'é',
  ].map((key): Header[] => [['x-api-key', key]]),
  ...[
    '',
    'Bearer',
    'Bearer ',
    'Bearer x',
    'Bearer a.b.c',
    'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.',
    `Bearer ${'x.'.repeat(3000)}`,
  ].map((value): Header[] => [['authorization', value]]),
  ...[
    `Basic ${token('key', 'owner')}`,
    'Basic Og==',
    'Basic !',
    'Digest x',
    'Negotiate',
    `Bearer ${'a'.repeat(43)}`,
    'Bearer tt_\x80',
  ].map((value): Header[] => [['authorization', value]]),
  ...[
    'tintype=x',
    '__Host-tintype=x',
    `tintype=${'A'.repeat(43)}`,
    `__Host-tintype=${'A'.repeat(43)}`,
    'tintype',
    'tintype=%00',
    `x${token('cookie', 'person')}`,
  ].map((value): Header[] => [['cookie', value]]),
];

const UNCLEAR: readonly Header[][] = [
  [
    ['x-api-key', token('key', 'owner')],
    ['x-api-key', token('key', 'other')],
  ],
  [
    ['x-api-key', 'x'],
    ['authorization', `Bearer ${token('key', 'owner')}`],
  ],
  [
    ['x-api-key', token('key', 'owner')],
    ['authorization', 'Bearer x'],
  ],
  [
    ['cookie', token('cookie', 'person')],
    ['x-api-key', token('key', 'other')],
  ],
  [
    ['cookie', token('cookie', 'person')],
    ['origin', 'http://evil.example'],
  ],
  [
    ['cookie', token('cookie', 'person')],
    ['sec-fetch-site', 'cross-site'],
  ],
  [
    ['cookie', token('cookie', 'person')],
    ['cookie', token('cookie', 'throwaway')],
  ],
  [
    ['authorization', `Bearer ${token('key', 'owner')}`],
    ['authorization', 'Bearer x'],
  ],
];

const NOBODY: Arbitrary<Credential> = fc
  .constantFrom(...NOTHING)
  .map((headers) => ({ who: 'nobody', headers }));
const SEVERAL: Arbitrary<Credential> = fc
  .constantFrom(...UNCLEAR)
  .map((headers) => ({ who: 'unclear', headers }));

/** What changes accounts is asked by accounts that nobody misses. */
const OF_ACCOUNTS = /^\/v1\/(users|sessions|api-keys)/;

export function credentialsOf(
  { path, method, scope }: Operation,
  { isHostile }: { isHostile: boolean },
): Arbitrary<Credential> {
  if (isHostile)
    return fc.oneof(
      { weight: 4, arbitrary: NOBODY },
      { weight: 2, arbitrary: SEVERAL },
      { weight: 2, arbitrary: withKey('limited') },
      ...[withKey('narrow'), withKey('other'), withCookie('person'), withKey('personkey'), withKey('admin')],
    );
  const isOfAccounts = OF_ACCOUNTS.test(path);
  const person = withCookie(method === 'GET' || !isOfAccounts ? 'person' : whoIsNotMissed(path));
  if (scope === 'admin') return fc.oneof({ weight: 8, arbitrary: withKey('admin') }, person);
  if (OF_ACCOUNTS.test(path))
    return fc.oneof({ weight: 8, arbitrary: person }, withKey('owner'), withKey('admin'));
  return fc.oneof(
    { weight: 8, arbitrary: withKey('owner') },
    { weight: 3, arbitrary: person },
    withKey('personkey'),
    withKey('admin'),
    withKey('limited'),
  );
}

/** One that is gone soon, or one that stays long enough to have several keys. */
function whoIsNotMissed(path: string): Who {
  return path.startsWith('/v1/api-keys') ? 'keyholder' : 'throwaway';
}
