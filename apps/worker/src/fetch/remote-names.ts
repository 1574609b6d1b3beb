// What a server says about the file it sends. Said by a stranger: kept as text that can be stored and shown, and believed in nothing.
import { parse } from 'content-disposition';

const MAX_NAME_CHARACTERS = 255;
const MAX_TYPE_CHARACTERS = 127;

type Header = string | string[] | undefined;

/** The name in Content-Disposition, else the last part of the URL's path. Never a path. */
export function fileNameOf({ pathname }: URL, disposition: Header): string | null {
  return toName(nameIn(disposition)) ?? toName(decode(pathname));
}

/** The media type alone, without its parameters. */
export function mimeTypeIn(contentType: Header): string | null {
  const type = first(contentType).split(';')[0]?.trim().toLowerCase() ?? '';
  return /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(type) ? type.slice(0, MAX_TYPE_CHARACTERS) : null;
}

function nameIn(disposition: Header): string {
  try {
    return parse(first(disposition)).parameters.filename ?? '';
  } catch {
    return '';
  }
}

function decode(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}

function toName(text: string): string | null {
  const base = text.split(/[/\\]/).at(-1) ?? '';
  // Control characters, and halves of surrogate pairs, which PostgreSQL does not store.
  const clean = base
    .replace(/[\p{Cc}\p{Cs}]/gu, '')
    .trim()
    .normalize('NFC');
  if (/^\.*$/.test(clean)) return null;
  return [...clean].slice(-MAX_NAME_CHARACTERS).join('');
}

function first(header: Header): string {
  return (Array.isArray(header) ? header[0] : header) ?? '';
}
