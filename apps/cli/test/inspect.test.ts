import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Metadata } from '@tintype/core';
import t from 'tap';
import { Value } from 'typebox/value';
import { run } from './command.ts';

const folder = await mkdtemp(path.join(tmpdir(), 'tintype-inspect-'));
t.teardown(() => rm(folder, { recursive: true }));

/** 1 × 1, gray, with a comment. */
const GIF = Buffer.from(
  'GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;',
  'latin1',
);
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"/>';
const PNM = Buffer.concat([Buffer.from('P5 4 2 255\n'), Buffer.alloc(8, 7)]);

const gif = path.join(folder, 'a.gif');
const text = path.join(folder, 'notes.txt');
const empty = path.join(folder, 'empty.jpg');
const inner = path.join(folder, 'inner');
await mkdir(inner);
await writeFile(gif, GIF);
await writeFile(text, 'no image');
await writeFile(empty, '');
await writeFile(path.join(inner, 'b.svg'), SVG);
await writeFile(path.join(inner, 'c.pgm'), PNM);

interface Line {
  file: string;
  ms: number;
  metadata?: Metadata;
  error?: string;
}

const linesOf = (out: string): Line[] =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

t.test('--json: a document a line, in the order of the files, as the schema says', async (t) => {
  const { code, out, err } = await run(['inspect', '--json', '--profile', 'fast', inner, gif]);
  t.equal(code, 0, err);
  const lines = linesOf(out);
  t.match(lines, [
    { file: path.join(inner, 'b.svg'), metadata: { file: { format: 'svg', extensionMatches: true } } },
    {
      file: path.join(inner, 'c.pgm'),
      metadata: { file: { format: 'ppm' }, image: { width: 4, height: 2 } },
    },
    { file: gif, ms: Number, metadata: { file: { format: 'gif', bytes: GIF.length }, profile: 'fast' } },
  ]);
  for (const { metadata } of lines) t.ok(Value.Check(Metadata, metadata), String(metadata?.file.name));
});

t.test('what is no image is said of its file alone, and in the exit code', async (t) => {
  const { code, out } = await run(['inspect', '--json', text, gif, empty]);
  t.equal(code, 1);
  t.match(linesOf(out), [
    { file: text, error: /^NOT_AN_IMAGE: / },
    { file: gif, metadata: { image: { width: 1 } } },
    { file: empty, error: /^EMPTY_FILE: / },
  ]);
});

t.test('for a person: a table, with what is odd at its end', async (t) => {
  const misnamed = path.join(folder, 'holiday.jpg');
  await writeFile(misnamed, GIF);
  const { code, out } = await run(['inspect', misnamed]);
  t.equal(code, 0);
  t.match(out, /holiday\.jpg\n/);
  t.match(out, /type\s+gif 89a \(image\/gif\)\n/);
  t.match(out, /pixels\s+1 × 1\n/);
  t.match(out, /EXTENSION_MISMATCH\s+A gif file is named \.jpg\./);
  t.notMatch(out, /undefined|null|NaN/);
});

t.test('what a terminal would obey is not printed', async (t) => {
  const evil = path.join(folder, 'evil.gif');
  const comment = Buffer.from('!\xfe\x05\x1b[2J\x07\0', 'latin1');
  await writeFile(evil, Buffer.concat([GIF.subarray(0, 19), comment, GIF.subarray(19)]));
  const odd = path.join(folder, '\u001b]0;owned\u0007.gif');
  await writeFile(odd, GIF);
  const { code, out } = await run(['inspect', evil, odd]);
  t.equal(code, 0);
  // Colours are our own; there are none where nobody looks on.
  t.notMatch(out, /[^\P{Cc}\n]/u);
});

t.test('folders: what can not be read is said, links are not followed, pipes are no files', async (t) => {
  const tree = path.join(folder, 'tree');
  await mkdir(path.join(tree, 'sub'), { recursive: true });
  await writeFile(path.join(tree, 'sub', 'a.gif'), GIF);
  await symlink(tree, path.join(tree, 'sub', 'round'));
  const found = linesOf((await run(['inspect', '--json', tree])).out);
  t.same(
    found.map(({ file }) => path.relative(tree, file)),
    [path.join('sub', 'a.gif')],
  );
  const { code, out } = await run(['inspect', '--json', '/dev/null']);
  t.equal(code, 1);
  t.match(linesOf(out), [{ error: 'This is no file.' }]);
});

t.test('--no-pixels and --stats', async (t) => {
  const [without] = linesOf((await run(['inspect', '--json', '--no-pixels', gif])).out);
  t.notOk(without?.metadata?.placeholder);
  t.equal(without?.metadata?.sections.pixels, 'skipped');
  const [numbers] = linesOf((await run(['inspect', '--json', '--stats', gif])).out);
  t.match(numbers?.metadata, { placeholder: { thumbhash: String }, stats: { channels: Array } });
});

t.test('command lines that can not be understood', async (t) => {
  const table: [args: string[], sentence: RegExp][] = [
    [[], /^Name the files/],
    [['--profile', 'best', gif], /^--profile must be fast or full/],
    [['--jobs', '0', gif], /^--jobs must be/],
    [[path.join(folder, 'nowhere.png')], /^There is no file/],
    [['--colour', gif], /--colour/],
  ];
  for (const [args, sentence] of table) {
    const { code, out, err } = await run(['inspect', ...args]);
    t.equal(code, 2, args.join(' '));
    t.match(err, sentence);
    t.equal(out, '');
  }
});
