// Which characters the bytes of IPTC-IIM stand for: dataset 1:90 names the coding by an escape sequence of ISO 2022.
import { decodeText, decodeWindows } from '../decode-text.ts';

/** What follows the escape character, and what it makes of the bytes above 7F (ISO International Register of Coded Character Sets). */
const CODINGS: readonly { sequence: RegExp; label: string }[] = [
  { sequence: /^%(G|\/[GHI])/, label: 'UTF-8' },
  { sequence: /^[-./]A/, label: 'ISO-8859-1' },
  { sequence: /^[-./]B/, label: 'ISO-8859-2' },
  { sequence: /^[-./]C/, label: 'ISO-8859-3' },
  { sequence: /^[-./]D/, label: 'ISO-8859-4' },
  { sequence: /^[-./]F/, label: 'ISO-8859-7' },
  { sequence: /^[-./]G/, label: 'ISO-8859-6' },
  { sequence: /^[-./]H/, label: 'ISO-8859-8' },
  { sequence: /^[-./]L/, label: 'ISO-8859-5' },
  { sequence: /^[-./]M/, label: 'ISO-8859-9' },
  { sequence: /^[-./]b/, label: 'ISO-8859-15' },
];

/** Of dataset 1:90; undefined where it names none that is known. */
export function codingOf(characterSet: Uint8Array): string | undefined {
  const sequences = Buffer.from(characterSet).toString('latin1').split('\x1b').slice(1);
  return CODINGS.find(({ sequence }) => sequences.some((each) => sequence.test(each)))?.label;
}

/** What is named as UTF-8 may be none. */
export function decodeIptcText(bytes: Uint8Array, coding: string | undefined): string {
  if (coding === undefined || coding === 'UTF-8') return cleaned(decodeText(bytes));
  return cleaned(coding === 'ISO-8859-1' ? decodeWindows(bytes) : new TextDecoder(coding).decode(bytes));
}

function cleaned(text: string): string {
  return text
    .replaceAll('\0', '')
    .replace(/^\uFEFF/, '')
    .trim()
    .normalize('NFC');
}
