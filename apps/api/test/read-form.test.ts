import t from 'tap';
import type { Job } from '../src/schemas/job.ts';
import { startApi } from './app.ts';
import { field, image, type Part, upload } from './client.ts';
import { picture } from './pictures.ts';

const api = await startApi();
const imageRow = async (id: string) => {
  const [row] = await api.rows<{ title: string | null; tags: string[]; file_name: string | null }>(
    'SELECT title, tags, file_name FROM images WHERE id = $1',
    [id],
  );
  return row;
};

t.test('fields, before and after the file', async (t) => {
  const many = Array.from({ length: 100 }, (_, index) => `t${index}`);
  const table: [what: string, before: Part[], after: Part[], row: object][] = [
    ['before', [field('title', ' A title '), field('tags', 'one')], [], { title: 'A title', tags: ['one'] }],
    ['after', [], [field('tags', 'one'), field('title', 'Übung 🎞')], { title: 'Übung 🎞', tags: ['one'] }],
    ['both', [field('tags', 'one')], [field('tags', 'two')], { tags: ['one', 'two'] }],
    ['JSON array', [field('tags', '["a, b", "c"]')], [field('tags', 'd')], { tags: ['a, b', 'c', 'd'] }],
    ['empty array', [field('tags', '[]')], [], { tags: [] }],
    ['once each', [field('tags', 'a'), field('tags', ' a'), field('tags', '["a"]')], [], { tags: ['a'] }],
    ['one letter, two codings', [field('tags', 'e\u0301')], [field('tags', '\u00e9')], { tags: ['\u00e9'] }],
    ['the longest title', [field('title', 'x'.repeat(500))], [], { title: 'x'.repeat(500) }],
    ['the most tags', many.map((tag) => field('tags', tag)), [], { tags: many }],
    [
      'NUL, which PostgreSQL refuses',
      [field('title', 'a\0b'), field('tags', 'c\0d')],
      [],
      { title: 'ab', tags: ['cd'] },
    ],
    [
      'half a letter',
      [field('tags', '["a\\ud83c"]')],
      [{ name: 'title', body: '"\\udf38b"', type: 'application/json' }],
      { title: '\ufffdb', tags: ['a\ufffd'] },
    ],
    [
      '500 characters of two halves each',
      [field('title', '🌸'.repeat(500))],
      [],
      { title: '🌸'.repeat(500) },
    ],
    [
      'a JSON part',
      [{ name: 'tags', body: '["x","y"]', type: 'application/json' }],
      [],
      { tags: ['x', 'y'] },
    ],
  ];
  for (const [what, before, after, row] of table) {
    const answer = await upload(api, [...before, image(), ...after]);
    t.equal(answer.status, 202, what);
    t.match(await imageRow(answer.json<Job>().imageId), row, what);
  }
});

t.test('what a job wants of its image', async (t) => {
  const table: [parts: Part[], options: object][] = [
    [[], {}],
    [[field('profile', 'full')], { profile: 'full' }],
    [[field('pixels', 'false'), field('stats', 'true')], { pixels: false, stats: true }],
    [[{ name: 'pixels', body: 'true', type: 'application/json' }], { pixels: true }],
  ];
  for (const [parts, options] of table) {
    const job = (await upload(api, [image(), ...parts])).json<Job>();
    t.match(await api.rows('SELECT options FROM jobs WHERE id = $1', [job.id]), [{ options }]);
  }
  for (const part of [field('profile', 'best'), field('pixels', 'perhaps'), field('stats', '1')]) {
    const answer = await upload(api, [image(), part]);
    t.equal(answer.status, 400, part.body.toString());
    t.match(answer.json(), { code: 'INVALID_REQUEST', errors: [{ pointer: `/${part.name}` }] });
  }
});

t.test('file names', async (t) => {
  const table: [given: string, kept: string | null][] = [
    ['Grüße aus 東京 🌸.png', 'Grüße aus 東京 🌸.png'],
    ['e\u0301.png', '\u00e9.png'],
    ['C:\\photos\\me.png', 'me.png'],
    ['../../etc/passwd', 'passwd'],
    ['', null],
    [`${'x'.repeat(300)}.png`, `${'x'.repeat(251)}.png`],
    [`${'🌸'.repeat(300)}.png`, `${'🌸'.repeat(251)}.png`],
  ];
  for (const [fileName, kept] of table) {
    const answer = await upload(api, [image(picture, { fileName })]);
    t.equal((await imageRow(answer.json<Job>().imageId))?.file_name, kept, fileName);
  }
});
