// Whatever somebody types into a search box is words to look for, and never a query of its own.
import t from 'tap';
import { newId } from '../src/index.ts';
import { createTestDatabase } from './database.ts';
import { addImages } from './library-fixtures.ts';
import { IMAGES } from './library-images.ts';

const { db, query } = await createTestDatabase();

const MANY = { sort: 'createdAt', limit: 50 } as const;
const tenantId = newId();
await addImages(query, tenantId, IMAGES);

const ODD = [
  ...[
    '',
    ' ',
    '\0',
    "'",
    "''",
    '"',
    '""',
    '" "',
    '!',
    '&',
    '|',
    '<->',
    '-',
    '--',
    '- -',
    ':*',
    "a':*",
    '\\',
    "\\'",
    '%',
    '(',
    '!!a',
    'or',
  ],
  ...[
    'or or',
    '-or',
    'a or',
    '" or "',
    "'a'':*",
    "!'a",
    '\ud800',
    'a\u0000b',
    '\u{10ffff}',
    '*',
    'a:*b',
    'a:ABCD',
    '-"a b"',
    '-"a',
    '😀',
  ],
  ...[
    'x'.repeat(5000),
    '東'.repeat(5000),
    'or '.repeat(2000),
    '-a '.repeat(1000),
    '"'.repeat(999),
    "'".repeat(999),
    'a.b/c@d:e_f\\g',
  ],
  ...[
    'http://a.example/b?c=d&e',
    'a@b.example',
    '1.5e-10',
    '-5',
    '<b>c</b>',
    '&amp;',
    '/usr/local/a.b',
    "O'Hara's \\ \"x",
  ],
];

t.test('whatever is asked, there is an answer', async (t) => {
  for (const q of ODD)
    await t.resolves(db.findImages.list(tenantId, { ...MANY, q, title: q || 'x' }), JSON.stringify(q));
  let seed = 7;
  const characters = [
    'a',
    'b',
    ' ',
    '"',
    "'",
    '\\',
    '-',
    '!',
    '&',
    '|',
    '(',
    ')',
    ':',
    '*',
    '<',
    '>',
    'or',
    '😀',
  ];
  for (let round = 0; round < 300; round += 1) {
    let q = '';
    for (let length = 0; length < 12; length += 1) {
      seed = (seed * 48_271) % 2_147_483_647;
      q += characters[seed % characters.length];
    }
    await db.findImages.list(tenantId, { ...MANY, q }).catch((error: unknown) => t.fail(q, { error }));
  }
});

t.test('what has two parts to quote is found by its words alone', async (t) => {
  const own = newId();
  await addImages(query, own, [{ title: "It's O'Hara's" }, { title: 'Its OHara' }]);
  const { images } = await db.findImages.list(own, { ...MANY, q: "o'hara's" });
  t.same(
    images.map(({ title }) => title),
    ["It's O'Hara's"],
  );
});
