// What the program reckons without AWS: memory of a worker, connections of a process, names of images.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { poolSizeFor } from '../src/database-connections.ts';
import { maxConnections } from '../src/database-limits.ts';
import { tagOf } from '../src/images.ts';
import { digestSources } from '../src/source-digest.ts';
import { shareMemory } from '../src/worker-memory.ts';

const MIB = 2 ** 20;

for (const [cpu, memoryMib, maxUploadBytes, decoders, renderers] of [
  [1024, 3072, 52_428_800, 1, 1],
  [2048, 6144, 52_428_800, 2, 2],
  [256, 2048, 52_428_800, 1, 1],
  [4096, 8192, 52_428_800, 4, 4],
  [4096, 30_720, 1_073_741_824, 4, 4],
] as const) {
  test(`a worker of ${cpu} CPU units and ${memoryMib} MiB, files of ${maxUploadBytes} bytes`, () => {
    const memory = shareMemory({ cpu, memoryMib, maxUploadBytes });
    assert.equal(memory.decoders, decoders);
    assert.equal(memory.renderers, renderers);
    const filled =
      (memory.decoders * memory.decoderMemoryBytes * 2) / 13 +
      (memory.renderers * memory.rendererMemoryBytes) / 3;
    assert.ok(filled + 400 * MIB < memoryMib * MIB, 'all processes filled fit beside the worker');
    assert.ok(
      (memory.decoderMemoryBytes * 2) / 13 > maxUploadBytes + 100_000_000,
      'a decoder holds its file',
    );
  });
}

test('a worker that can not hold its files is refused', () => {
  assert.throws(
    () => shareMemory({ cpu: 1024, memoryMib: 3072, maxUploadBytes: 5_000_000_000 }),
    /workerMemoryMib: files of maxUploadBytes need \d+ at least/,
  );
});

for (const [instanceClass, api, worker, size] of [
  ['db.t4g.micro', 2, 4, 6],
  ['db.m7g.large', 20, 50, 4],
  ['db.r8g.4xlarge', 20, 50, 10],
  ['db.t4g.micro', 1000, 1000, 2],
] as const) {
  test(`connections of each process at ${instanceClass}, with ${api} and ${worker} tasks`, () => {
    const settings = { api: { maxTasks: api }, worker: { maxTasks: worker } };
    const database = { instanceClass } as Parameters<typeof poolSizeFor>[0]['database'];
    assert.equal(poolSizeFor({ database, ...settings }), size);
    if (size > 2)
      assert.ok(2 * size * (api + worker) < maxConnections(instanceClass), 'all of them fit twice');
  });
}

test('the name of an image says its version', () => {
  const digest = `sha256:${'0123456789ab'.padEnd(64, 'c')}`;
  assert.equal(tagOf('registry.example.com:5000/tintype/api:1.2'), '1.2');
  assert.equal(tagOf(`registry.example.com:5000/tintype/api:1.2@${digest}`), '1.2');
  assert.equal(tagOf(`registry.example.com:5000/tintype/api@${digest}`), '0123456789ab');
});

test('the digest of the sources: changed by what is built, and by nothing else', (t) => {
  const root = mkdtempSync(path.join(tmpdir(), 'tintype-sources-'));
  t.after(() => rmSync(root, { recursive: true }));
  const write = (file: string, text: string) => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  };
  const digest = (platform = 'linux/arm64') => digestSources(root, platform);
  write('.dockerignore', '# comment\n*\n!package.json\n!apps\n!not-there\n**/dist\n');
  write('package.json', '{}');
  write('apps/api/src/main.ts', 'one');
  const first = digest();
  assert.match(first, /^[0-9a-f]{12}$/);
  write('docs/readme.md', 'not built');
  write('apps/api/node_modules/x/index.js', 'installed');
  write('apps/api/dist/main.js', 'compiled');
  write('apps/api/test/keys.test.ts', 'tested');
  assert.equal(digest(), first);
  assert.notEqual(digest('linux/amd64'), first);
  write('apps/api/src/main.ts', 'two');
  const second = digest();
  assert.notEqual(second, first);
  write('apps/api/src/other.ts', '');
  const third = digest();
  assert.notEqual(third, second);
  write('docker/Dockerfile', 'FROM other');
  const fourth = digest();
  assert.notEqual(fourth, third);
  chmodSync(path.join(root, 'apps/api/src/main.ts'), 0o600);
  assert.notEqual(digest(), fourth);
});
