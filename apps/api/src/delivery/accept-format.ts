// What a client shows, by its Accept header (RFC 9110, section 12.5.1), for pictures with format=auto.
import type { Accepted } from '@tintype/core';

/** What every client of pictures shows. */
const PLAIN = ['image/jpeg', 'image/png', 'image/gif', 'image/*', '*/*'];

/**
 * The format that the client likes best; AVIF before WebP before the others where it likes them the same. Only what is named counts: whoever
 * takes anything has not said that it shows AVIF. Without a header: plain.
 */
export function acceptedOf(header: string | undefined): Accepted {
  const liked = header === undefined ? new Map<string, number>() : readAccept(header);
  const avif = liked.get('image/avif') ?? 0;
  const webp = liked.get('image/webp') ?? 0;
  const plain = Math.max(0, ...PLAIN.map((type) => liked.get(type) ?? 0));
  // Who shows AVIF is sent animations as WebP, unless it says that it does not show that.
  const showsAvif = avif > 0 && liked.get('image/webp') !== 0;
  if (showsAvif && avif >= webp && avif >= plain) return 'avif';
  return webp > 0 && webp >= plain ? 'webp' : 'plain';
}

/** Media type → its quality, 0 to 1. */
function readAccept(header: string): Map<string, number> {
  const liked = new Map<string, number>();
  for (const one of header.slice(0, 2000).split(',')) {
    const [type = '', ...parameters] = one.split(';').map((part) => part.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1';
    // What is no quality says nothing: the type is left out.
    if (/^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(quality)) liked.set(type, Number(quality));
  }
  return liked;
}
