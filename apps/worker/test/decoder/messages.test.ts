import t from 'tap';
import { Reader } from '../../src/decoder/messages.ts';

const BLOCK = Buffer.from('a block of bytes\nwith a line end');
const STREAM = Buffer.concat([
  Buffer.from('one\n'),
  BLOCK,
  Buffer.from('two\n'),
  BLOCK,
  Buffer.from('\nthree'),
]);

/** As a decoder does it: a line, its block, and so on. */
function readAll(chunks: readonly Buffer[]): unknown[] {
  const reader = new Reader();
  const found: unknown[] = [];
  let line: string | undefined;
  for (const chunk of chunks) {
    reader.push(chunk);
    for (;;) {
      line ??= reader.line();
      const block = line === undefined ? undefined : reader.bytes(line === '' ? 0 : BLOCK.length);
      if (block === undefined) break;
      found.push(line, block.toString());
      line = undefined;
    }
  }
  return found;
}

t.test('lines and blocks, however they are cut', async (t) => {
  const expected = ['one', BLOCK.toString(), 'two', BLOCK.toString(), '', ''];
  for (let size = 1; size <= STREAM.length; size += 1) {
    const chunks = Array.from({ length: Math.ceil(STREAM.length / size) }, (_, at) =>
      STREAM.subarray(at * size, (at + 1) * size),
    );
    t.same(readAll(chunks), expected, `chunks of ${size}`);
  }
});

t.test('a block that comes in pieces is held once', async (t) => {
  const reader = new Reader();
  reader.push(Buffer.from('ab'));
  t.equal(reader.bytes(1_000_000), undefined);
  const before = process.memoryUsage().arrayBuffers;
  const chunk = Buffer.alloc(1000, 'c');
  for (let pushed = 2; pushed < 1_000_000; pushed += chunk.length) reader.push(chunk);
  const block = reader.bytes(1_000_000);
  t.equal(block?.length, 1_000_000);
  t.equal(block?.toString('latin1', 0, 4), 'abcc');
  t.equal(block?.buffer.byteLength, 1_000_000, 'in a buffer of its own');
  t.ok(process.memoryUsage().arrayBuffers - before < 500_000, 'not copied when it is whole');
});
