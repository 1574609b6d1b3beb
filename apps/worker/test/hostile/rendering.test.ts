// Hostile files through rendering: an error with a name or a picture, within the memory and the time that one may take.
import { AppError, createLogger, type ErrorCode, readEnvironment } from '@tintype/core';
import t, { type Test } from 'tap';
import { sharp } from '../../src/image/harden.ts';
import { openRenderer, type Picture, type Renderer, rendererSettings } from '../../src/renderer.ts';
import type { Attack } from './attack.ts';
import { GIF_ATTACKS } from './gif-attacks.ts';
import { HEIF_ATTACKS } from './heif-attacks.ts';
import { JPEG_ATTACKS } from './jpeg-attacks.ts';
import { PNG_ATTACKS } from './png-attacks.ts';
import { TIFF_ATTACKS } from './tiff-attacks.ts';
import { CAN_WATCH, watchPeak } from './watch-child.ts';
import { WEBP_ATTACKS } from './webp-attacks.ts';

/** A third of the default's address space, and what is mapped of programs. */
const MAX_PEAK_BYTES = 760 * 1024 ** 2;

const CODES: ReadonlySet<ErrorCode> = new Set([
  'NOT_RENDERABLE',
  'PICTURE_TOO_LARGE',
  'IMAGE_UNREADABLE',
  'DECODER_CRASHED',
  'DECODER_TIMEOUT',
]);

/** A thumbnail, as a browser asks for it. */
const TRANSFORM = { format: 'auto', accepted: 'webp', width: 320, height: 320, fit: 'inside' } as const;

interface Outcome {
  picture?: Picture;
  code?: ErrorCode;
}

async function outcomeOf(renderer: Renderer, file: Buffer, { format }: Attack): Promise<Outcome> {
  try {
    const wish = { body: file, bodyBytes: file.length, file: { format }, transform: TRANSFORM };
    return { picture: await renderer.render(wish) };
  } catch (error) {
    if (error instanceof AppError) return { code: error.code };
    throw error;
  }
}

async function prove(t: Test, attacks: readonly Attack[]): Promise<void> {
  const config = readEnvironment(rendererSettings, { RENDERERS: '1', RENDER_TIMEOUT_MS: '10000' });
  const renderer = openRenderer(config, {
    log: createLogger({ name: 'test', level: 'silent' }),
    onBroken: () => t.fail('renderers do not start'),
  });
  t.teardown(() => renderer.close());
  const ordinary = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#a35' } })
    .jpeg()
    .toBuffer();
  const well = async () =>
    renderer.render({ body: ordinary, bodyBytes: ordinary.length, transform: { width: 9, format: 'png' } });
  const wanted = (await well()).bytes;
  for (const attack of attacks) {
    const file = await attack.make();
    const watch = CAN_WATCH ? watchPeak(renderer.pids()[0] ?? 0) : undefined;
    const begunAt = performance.now();
    const { picture, code } = await outcomeOf(renderer, file, attack);
    const elapsedMs = Math.round(performance.now() - begunAt);
    const peakBytes = watch?.stop() ?? 0;
    t.ok(code === undefined || CODES.has(code), `${attack.name}: ${code}`);
    if (picture !== undefined)
      t.ok(Math.max(picture.width, picture.height) <= 320, `${attack.name}: its size`);
    t.ok(peakBytes < MAX_PEAK_BYTES, `${attack.name}: ${peakBytes} bytes`);
    t.ok((await well()).bytes.equals(wanted), `${attack.name}: the next picture`);
    if (elapsedMs > 1000 || code?.startsWith('DECODER'))
      t.comment(
        `${attack.name}: ${code ?? 'made'}, ${elapsedMs} ms, ${Math.round(peakBytes / 1024 ** 2)} MiB`,
      );
  }
}

const KINDS = {
  PNG: PNG_ATTACKS,
  JPEG: JPEG_ATTACKS,
  GIF: GIF_ATTACKS,
  WebP: WEBP_ATTACKS,
  TIFF: TIFF_ATTACKS,
  HEIF: HEIF_ATTACKS,
};

for (const [name, attacks] of Object.entries(KINDS))
  t.test(name, { timeout: 600_000 }, async (t) => prove(t, attacks));
