import { AppError, type Problem, type Transform } from '@tintype/core';
import t from 'tap';
import { expectNoTransform, readTransform } from '../../src/delivery/read-transform.ts';

/** As the server parses a query: a parameter that comes twice is a list. */
function parse(query: string): Record<string, unknown> {
  const all = new URLSearchParams(query);
  const names = [...new Set(all.keys())];
  return Object.fromEntries(
    names.map((name) => (all.getAll(name).length > 1 ? [name, all.getAll(name)] : [name, all.get(name)])),
  );
}

function problemsOf(query: string, read: (query: unknown) => unknown = readTransform): Problem[] {
  try {
    read(parse(query));
  } catch (error) {
    if (error instanceof AppError && error.code === 'INVALID_REQUEST') return error.problems ?? [];
    throw error;
  }
  return [];
}

const TAKEN: [query: string, transform: Transform][] = [
  ['', {}],
  ['width=1', { width: 1 }],
  ['width=16384&height=16384', { width: 16_384, height: 16_384 }],
  ['width=010', { width: 10 }],
  ['fit=cover', { fit: 'cover' }],
  ['fit=outside', { fit: 'outside' }],
  ['gravity=attention', { gravity: 'attention' }],
  ['gravity=southwest', { gravity: 'southwest' }],
  ['enlarge=true', { enlarge: true }],
  ['enlarge=false', { enlarge: false }],
  ['dpr=0.1', { dpr: 0.1 }],
  ['dpr=2', { dpr: 2 }],
  ['dpr=1.100000023841858', { dpr: 1.100000023841858 }],
  ['blur=0.30000000000000004', { blur: 0.30000000000000004 }],
  ['rotate=-360', { rotate: -360 }],
  ['rotate=45', { rotate: 45 }],
  ['flip=both', { flip: 'both' }],
  ['format=auto', { format: 'auto' }],
  ['format=gif', { format: 'gif' }],
  ['quality=1', { quality: 1 }],
  ['quality=100', { quality: 100 }],
  ['blur=0.3', { blur: 0.3 }],
  ['blur=100', { blur: 100 }],
  ['sharpen=1.25', { sharpen: 1.25 }],
  ['grayscale=true', { grayscale: true }],
  ['background=fff', { background: 'fff' }],
  ['background=%23ff000080', { background: '#ff000080' }],
  ['expires=1&key=a&signature=b', {}],
];

for (const [query, transform] of TAKEN) {
  t.test(`taken: ${query}`, async (t) => {
    t.same(readTransform(parse(query)), transform);
  });
}

const REFUSED: [query: string, pointer: string, message: string | RegExp][] = [
  ...['0', '16385', '-1', '1.5', '1e3', '0x10', '', ' 5', 'five', '٣', '1e999', '9'.repeat(400)].map(
    (width): [string, string, string] => [
      `width=${encodeURIComponent(width)}`,
      '/width',
      'must be a whole number from 1 to 16384',
    ],
  ),
  ['height=NaN', '/height', 'must be a whole number from 1 to 16384'],
  ['fit=crop', '/fit', 'must be one of cover, contain, fill, inside, outside'],
  ['fit=Cover', '/fit', /^must be one of/],
  ['gravity=', '/gravity', /^must be one of center/],
  ['enlarge=1', '/enlarge', 'must be one of true, false'],
  ['enlarge=', '/enlarge', 'must be one of true, false'],
  ['dpr=0', '/dpr', 'must be a number from 0.1 to 5'],
  ['dpr=5.01', '/dpr', 'must be a number from 0.1 to 5'],
  ['dpr=.5', '/dpr', 'must be a number from 0.1 to 5'],
  [`dpr=1.${'0'.repeat(21)}`, '/dpr', 'must be a number from 0.1 to 5'],
  ['dpr=Infinity', '/dpr', 'must be a number from 0.1 to 5'],
  ['rotate=361', '/rotate', 'must be a whole number from -360 to 360'],
  ['flip=yes', '/flip', 'must be one of horizontal, vertical, both'],
  ['format=jpg', '/format', 'must be one of auto, jpeg, png, webp, avif, gif'],
  ['format=svg', '/format', /^must be one of auto/],
  ['quality=0', '/quality', 'must be a whole number from 1 to 100'],
  ['quality=101', '/quality', 'must be a whole number from 1 to 100'],
  ['blur=0.2', '/blur', 'must be a number from 0.3 to 100'],
  ['sharpen=10.5', '/sharpen', 'must be a number from 0.1 to 10'],
  ['grayscale=yes', '/grayscale', 'must be one of true, false'],
  ['background=red', '/background', 'must be a colour: rgb, rgba, rrggbb or rrggbbaa'],
  ['background=%23', '/background', /^must be a colour/],
  ['background=fffff', '/background', /^must be a colour/],
  ['background=fff%0A', '/background', /^must be a colour/],
  ['width=1&width=1', '/width', 'must be given once'],
  ['Width=1', '/Width', 'is not known here'],
  ['w=1', '/w', 'is not known here'],
  ['constructor=1', '/constructor', 'is not known here'],
  ['__proto__=1', '/__proto__', 'is not known here'],
  [`${'n'.repeat(500)}=1`, `/${'n'.repeat(100)}`, 'is not known here'],
];

for (const [query, pointer, message] of REFUSED) {
  t.test(`refused: ${query.slice(0, 60)}`, async (t) => {
    const problems = problemsOf(query);
    t.equal(problems.length, 1);
    t.match(problems[0], { pointer, message });
  });
}

t.test('all that is wrong is told at once', async (t) => {
  const pointers = problemsOf('width=0&height=5&fit=x&nonsense=1&blur=1&blur=2').map(
    ({ pointer }) => pointer,
  );
  t.same(pointers.sort(), ['/blur', '/fit', '/nonsense', '/width']);
});

t.test('where there is nothing to choose', async (t) => {
  t.same(problemsOf('', expectNoTransform), []);
  t.same(problemsOf('expires=1&key=a&signature=b', expectNoTransform), []);
  t.match(problemsOf('width=1', expectNoTransform), [{ pointer: '/width', message: 'is not known here' }]);
});
