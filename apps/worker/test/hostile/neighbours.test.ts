import { createLogger, type Metadata, readEnvironment } from '@tintype/core';
import sharp from 'sharp';
import t from 'tap';
import { inspectorSettings, openInspector } from '../../src/inspector.ts';
import type { Attack } from './attack.ts';
import { HEIF_ATTACKS } from './heif-attacks.ts';
import { JPEG_ATTACKS } from './jpeg-attacks.ts';
import { PNG_ATTACKS } from './png-attacks.ts';
import { CAN_WATCH } from './watch-child.ts';
import { WEBP_ATTACKS } from './webp-attacks.ts';

const HUGE = { format: 'png', make: () => Buffer.alloc(400_000_000) } as const;
const BOMBS = [...PNG_ATTACKS, ...JPEG_ATTACKS, ...WEBP_ATTACKS, ...HEIF_ATTACKS].filter(
  ({ isBomb }) => isBomb,
);
/** A part of the bombs, and between them files that end the process that reads them. */
const ATTACKS: Attack[] = BOMBS.filter((_, index) => index % 3 === 0).flatMap((bomb, index) =>
  index % 6 === 0 ? [bomb, { name: 'more than a decoder can hold', ...HUGE }] : [bomb],
);
/** Ordinary pictures that are always under way. */
const NEIGHBOURS = 3;
/** Even behind a bomb, and on a busy machine. */
const MAX_MS = 20_000;

const PICTURE = await sharp({ create: { width: 200, height: 100, channels: 3, background: '#a35' } })
  .jpeg()
  .toBuffer();

t.test('no ordinary picture notices what else is read', async (t) => {
  const config = readEnvironment(inspectorSettings, { DECODERS: '2' });
  const inspector = openInspector(config, {
    log: createLogger({ name: 'test', level: 'silent' }),
    onBroken: () => t.fail('decoders do not start'),
  });
  t.teardown(() => inspector.close());
  const inspect = (body: Buffer, format: Attack['format'], suspect = false): Promise<Metadata> => {
    const file = {
      bytes: body.length,
      sha256Hex: 'ab'.repeat(32),
      format,
      fileName: null,
      declaredMimeType: null,
    };
    return inspector.inspect({
      body,
      bodyBytes: body.length,
      file,
      suspect,
      wishes: { profile: 'fast', pixels: true },
    });
  };
  const timeless = (document: Metadata) => JSON.stringify({ ...document, extractedAt: '' });
  const wanted = timeless(await inspect(PICTURE, 'jpeg'));

  let done = false;
  const elapsedMs: number[] = [];
  /** One after another, as long as there are attacks; some in a decoder of their own, most behind an attack. */
  async function beNeighbour(number: number): Promise<void> {
    while (!done) {
      const begunAt = performance.now();
      const found = timeless(await inspect(PICTURE, 'jpeg', number === 0));
      elapsedMs.push(performance.now() - begunAt);
      if (found !== wanted) t.equal(found, wanted);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  const neighbours = Array.from({ length: NEIGHBOURS }, (_, number) => beNeighbour(number));
  const codes = new Map<string, number>();
  for (const { make, format } of ATTACKS) {
    const outcome = await inspect(await make(), format).then(
      () => 'document',
      ({ code }) => String(code),
    );
    codes.set(outcome, (codes.get(outcome) ?? 0) + 1);
  }
  done = true;
  await Promise.all(neighbours);
  t.ok(elapsedMs.length > ATTACKS.length, 'there were neighbours all the time');
  t.ok(Math.max(...elapsedMs) < MAX_MS, 'none waited for long');
  // Memory is limited on Linux alone.
  if (CAN_WATCH) t.ok((codes.get('DECODER_CRASHED') ?? 0) >= 2, 'some attacks ended their process');
  t.comment(
    `${elapsedMs.length} neighbours, the slowest ${Math.round(Math.max(...elapsedMs))} ms; ${JSON.stringify([...codes])}`,
  );
});
