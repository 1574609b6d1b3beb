// The facts of a document that stand in columns of their own, because images are found by them.
import type { Metadata } from '@tintype/core';

export function searchedFacts({ file, image, exif, iptc, xmp, gps, hashes, dominantColor }: Metadata) {
  return {
    format: file.format,
    width: storableSize(image.width),
    height: storableSize(image.height),
    takenAt: storableTime(exif?.takenAt),
    latitude: gps?.latitude ?? null,
    longitude: gps?.longitude ?? null,
    phash: hashes.phash ?? null,
    dominantColor: dominantColor ?? null,
    camera: nameOfCamera(exif?.make, exif?.model),
    caption: firstOf([iptc?.caption, xmp?.description, exif?.description], MAX_CAPTION_CHARACTERS),
    keywords: storableKeywords([...(iptc?.keywords ?? []), ...(xmp?.keywords ?? [])]),
  };
}

const MAX_INTEGER = 2 ** 31 - 1;
const MAX_CAMERA_CHARACTERS = 200;
const MAX_CAPTION_CHARACTERS = 2000;
const MAX_KEYWORDS = 100;
const MAX_KEYWORD_CHARACTERS = 100;

/** Headers can promise more than a column holds; SVG sizes need not be whole. The document tells them as they are. */
function storableSize(pixels: number | undefined): number | null {
  const whole = Math.round(pixels ?? Number.NaN);
  return whole >= 0 && whole <= MAX_INTEGER ? whole : null;
}

/** As the camera's clock showed it; a day that no calendar has is not stored. */
function storableTime(text: string | undefined): string | null {
  const local = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?/.exec(text ?? '')?.[0];
  if (local === undefined) return null;
  const date = new Date(`${local}Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(local.slice(0, 19)) ? local : null;
}

/** Many makers begin the model with their own name. */
function nameOfCamera(make: string | undefined, model: string | undefined): string | null {
  const maker = storableText(make, MAX_CAMERA_CHARACTERS);
  const name = storableText(model, MAX_CAMERA_CHARACTERS);
  const isNamedTwice = name.toLowerCase().startsWith(maker.toLowerCase());
  return storableText(isNamedTwice ? name : `${maker} ${name}`, MAX_CAMERA_CHARACTERS) || null;
}

function firstOf(texts: (string | undefined)[], maxCharacters: number): string | null {
  for (const text of texts) {
    const stored = storableText(text, maxCharacters);
    if (stored !== '') return stored;
  }
  return null;
}

function storableKeywords(keywords: string[]): string[] {
  const stored = new Set<string>();
  for (const keyword of keywords) {
    if (stored.size === MAX_KEYWORDS) break;
    stored.add(storableText(keyword, MAX_KEYWORD_CHARACTERS));
    stored.delete('');
  }
  return [...stored];
}

/** What PostgreSQL's text holds, at most so many code points of it: no NUL, no half of a surrogate pair. */
function storableText(text: string | undefined, maxCharacters: number): string {
  // A file may hold megabytes of it, and a code point has two units at most.
  const beginning = (text ?? '').trimStart().slice(0, 2 * maxCharacters + 1);
  const whole = beginning.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '');
  return [...whole].slice(0, maxCharacters).join('').trim();
}
