import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import t from 'tap';
import type { InspectWishes } from '../../src/image/file-facts.ts';
import { fetchOriginal } from '../../src/jobs/fetch-original.ts';
import { createSurroundings } from '../worker-setup.ts';

const { deps } = await createSurroundings();
const FACTS_ALONE = { profile: 'fast', pixels: false, stats: false } as const;

const noise = (width: number, height: number) =>
  sharp(randomBytes(width * height * 3), { raw: { width, height, channels: 3 } });
const large = await noise(1000, 800).jpeg({ quality: 90 }).toBuffer();
const png = await noise(300, 300).png().toBuffer();
// A header of 1.2 MB: nineteen application segments of nearly 64 kB.
const segment = Buffer.concat([Buffer.from([0xff, 0xe9, 0xff, 0xff]), Buffer.alloc(65_533)]);
const heavyHeader = Buffer.concat([
  large.subarray(0, 2),
  ...Array.from({ length: 19 }, () => segment),
  large.subarray(2),
]);

const CASES: {
  name: string;
  file: Buffer;
  format: string;
  whole: boolean;
  wishes?: Partial<InspectWishes>;
}[] = [
  { name: 'a large JPEG: its header alone', file: large, format: 'jpeg', whole: false },
  {
    name: 'a large JPEG of which the pixels are wanted: all of it',
    file: large,
    format: 'jpeg',
    whole: true,
    wishes: { pixels: true },
  },
  {
    name: 'a large JPEG in the full profile: all of it',
    file: large,
    format: 'jpeg',
    whole: true,
    wishes: { profile: 'full' },
  },
  { name: 'a small JPEG: all of it', file: large.subarray(0, 30_000), format: 'jpeg', whole: true },
  {
    name: 'a JPEG whose header is longer than any look: all of it',
    file: heavyHeader,
    format: 'jpeg',
    whole: true,
  },
  { name: 'a PNG: all of it', file: png, format: 'png', whole: true },
];

for (const { name, file, format, whole, wishes } of CASES) {
  t.test(name, async (t) => {
    const objectKey = `t/${name.length}`;
    await deps.objects.put(objectKey, [file], { contentType: 'image/x', sha256Hex: '' });
    const { body, bodyBytes } = await fetchOriginal(
      { objectKey, stored: { bytes: file.length, format, sha256Hex: '' } },
      { ...FACTS_ALONE, ...wishes },
      deps,
    );
    const bytes = body instanceof Uint8Array ? body : Buffer.concat(await body.toArray());
    t.equal(bytes.length, bodyBytes);
    t.ok(file.subarray(0, bytes.length).equals(bytes));
    t.equal(bytes.length === file.length, whole);
  });
}

t.test('what is shorter than its row says is corrupt, what is gone is missing', async (t) => {
  const job = { objectKey: 't/short', stored: { bytes: large.length, format: 'jpeg', sha256Hex: '' } };
  await t.rejects(fetchOriginal(job, FACTS_ALONE, deps), { code: 'ORIGINAL_MISSING' });
  await deps.objects.put('t/short', [large.subarray(0, 1000)], { contentType: 'image/x', sha256Hex: '' });
  await t.rejects(fetchOriginal(job, FACTS_ALONE, deps), { code: 'ORIGINAL_CORRUPT' });
});
