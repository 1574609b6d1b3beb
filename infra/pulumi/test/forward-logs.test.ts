// Lines of a log group, as CloudWatch packs them: what becomes of each, and how many go at once.
import assert from 'node:assert/strict';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { batchesOf, documentsOf } from '../src/forward-logs.ts';

function packed(messages: string[], messageType = 'DATA_MESSAGE') {
  const logEvents = messages.map((message, nth) => ({
    id: String(nth),
    timestamp: 1_700_000_000_000,
    message,
  }));
  const what = { messageType, logGroup: 'api', logStream: 'api/api/1', logEvents };
  return { awslogs: { data: gzipSync(JSON.stringify(what)).toString('base64') } };
}

const CASES: { name: string; message: string; line: object | undefined }[] = [
  { name: 'JSON', message: '{"level":30,"msg":"ready"}', line: { level: 30, msg: 'ready' } },
  { name: 'text', message: 'Error: away', line: { msg: 'Error: away' } },
  { name: 'JSON that is no object', message: '[1]', line: { msg: '[1]' } },
  { name: 'null', message: 'null', line: { msg: 'null' } },
  { name: 'measures', message: '{"_aws":{"Timestamp":1},"WaitingJobs":3}', line: undefined },
];

for (const { name, message, line } of CASES)
  test(`a line of ${name}`, () => {
    const documents = documentsOf(packed([message])).map((text) => JSON.parse(text) as object);
    const head = { '@timestamp': '2023-11-14T22:13:20.000Z', logGroup: 'api', logStream: 'api/api/1' };
    assert.deepEqual(documents, line === undefined ? [] : [{ ...head, line }]);
  });

test('every line is a document of its own, in order', () => {
  const lines = documentsOf(packed(['a', 'b', 'c'])).map(
    (text) => (JSON.parse(text) as { line: unknown }).line,
  );
  assert.deepEqual(lines, [{ msg: 'a' }, { msg: 'b' }, { msg: 'c' }]);
});

test('a control message holds no line', () => {
  assert.deepEqual(documentsOf(packed(['CWL CONTROL MESSAGE'], 'CONTROL_MESSAGE')), []);
});

const BATCHES: { name: string; documents: string[]; lengths: number[] }[] = [
  { name: 'nothing', documents: [], lengths: [] },
  { name: '501 short ones', documents: Array.from({ length: 501 }, String), lengths: [500, 1] },
  { name: 'five of a megabyte', documents: Array(5).fill('x'.repeat(1_000_000)), lengths: [3, 2] },
];

for (const { name, documents, lengths } of BATCHES)
  test(`batches of ${name}`, () => {
    const batches = batchesOf(documents);
    assert.deepEqual(
      batches.map((batch) => batch.length),
      lengths,
    );
    assert.deepEqual(batches.flat().map(String), documents);
  });
