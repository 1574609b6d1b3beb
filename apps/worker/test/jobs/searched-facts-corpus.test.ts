// The same of real images, against what another program says of them. Skipped without a collection (CORPUS_DIR).
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ImageFormat } from '@tintype/core';
import t from 'tap';
import { inspect } from '../../src/image/inspect.ts';
import { DEFAULT_PIXEL_LIMITS } from '../../src/image/pixels/limits.ts';
import { searchedFacts } from '../../src/jobs/searched-facts.ts';

interface Entry {
  file: string;
  format: ImageFormat;
  bytes: number;
  exif: { Make?: unknown; Model?: unknown } | null;
}

const { CORPUS_DIR: folder } = process.env;
const entries: Entry[] =
  folder === undefined ? [] : JSON.parse(await readFile(path.join(folder, 'manifest.json'), 'utf8'));
const options = { profile: 'fast', pixels: false, stats: false, limits: DEFAULT_PIXEL_LIMITS } as const;
const skip = entries.length === 0 && 'CORPUS_DIR names no collection';

async function factsOf({ file, format, bytes }: Entry) {
  const body = await readFile(path.join(folder ?? '', file));
  const facts = { bytes, sha256Hex: '', format, fileName: path.basename(file), declaredMimeType: null };
  // What is no image has no facts, and is none of this file's business.
  return inspect(body, facts, options).then(searchedFacts, () => undefined);
}

const isStorable = (text: string, most: number) =>
  text !== '' && text === text.trim() && !/\0|\p{Surrogate}/u.test(text) && [...text].length <= most;

t.test('texts of real images are what PostgreSQL holds, and no longer than told', { skip }, async (t) => {
  const found = { cameras: 0, captions: 0, keywords: 0 };
  for (const entry of entries) {
    const { camera, caption, keywords } = (await factsOf(entry)) ?? {
      camera: null,
      caption: null,
      keywords: [],
    };
    const texts = [
      camera === null || isStorable(camera, 200),
      caption === null || isStorable(caption, 2000),
      keywords.length <= 100 && keywords.every((keyword) => isStorable(keyword, 100)),
    ];
    if (texts.includes(false)) t.fail(entry.file, { camera, caption, keywords });
    found.cameras += camera === null ? 0 : 1;
    found.captions += caption === null ? 0 : 1;
    found.keywords += keywords.length;
  }
  t.comment(found);
  t.ok(found.cameras > 0 && found.captions > 0 && found.keywords > 0);
});

t.test('the camera has the model that another program reads', { skip }, async (t) => {
  const plain = (text: unknown) =>
    String(text ?? '')
      .replace(/\s+/g, ' ')
      .trim()
      .toLowerCase();
  let compared = 0;
  for (const entry of entries.filter(({ exif }) => plain(exif?.Model) !== '')) {
    const facts = await factsOf(entry);
    if (facts === undefined) continue;
    compared += 1;
    t.ok(plain(facts.camera).endsWith(plain(entry.exif?.Model)), `${entry.file}: ${facts.camera}`);
  }
  t.ok(compared > 0);
});
