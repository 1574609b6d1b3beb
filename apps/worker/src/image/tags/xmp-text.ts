// The text of an XMP packet, whatever it is encoded in (ISO 16684-1, clause 7), and however much stands around it.
import { decodeUtf16 } from '../decode-text.ts';

/** Largest packet that is read. */
export const MAX_PACKET_BYTES = 16 * 1024 * 1024;

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'utf-32le' | 'utf-32be';

/** First bytes that tell the encoding: byte-order marks, and “<” without one. The longer first. */
const SIGNS: readonly (readonly [Encoding, readonly number[]])[] = [
  ['utf-32be', [0, 0, 0xfe, 0xff]],
  ['utf-32le', [0xff, 0xfe, 0, 0]],
  ['utf-32be', [0, 0, 0, 0x3c]],
  ['utf-32le', [0x3c, 0, 0, 0]],
  ['utf-16be', [0xfe, 0xff]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0, 0x3c]],
  ['utf-16le', [0x3c, 0]],
];

/** What no XML may contain. NULs and escapes get into packets by padding and by programs that count wrong. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const NOT_XML = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]+/g;

export function decodePacket(packet: Uint8Array): string {
  const bytes = packet.subarray(0, MAX_PACKET_BYTES);
  const encoding =
    SIGNS.find(([, sign]) => sign.every((byte, index) => bytes[index] === byte))?.[0] ?? 'utf-8';
  return withoutPadding(DECODERS[encoding](bytes)).replace(NOT_XML, '');
}

/** Kilobytes of blanks for later edits, which a parser would go through one by one. */
function withoutPadding(text: string): string {
  const end = text.lastIndexOf('<?xpacket end');
  return end === -1 ? text.trimEnd() : text.slice(0, end).trimEnd();
}

const DECODERS: Readonly<Record<Encoding, (bytes: Uint8Array) => string>> = {
  'utf-8': decodeUtf8,
  'utf-16le': (bytes) => decodeUtf16(bytes, true),
  'utf-16be': (bytes) => decodeUtf16(bytes, false),
  'utf-32le': (bytes) => decodeUtf32(bytes, true),
  'utf-32be': (bytes) => decodeUtf32(bytes, false),
};

/** Making one costs more than most packets. */
const UTF8 = new TextDecoder();

/** Packets that say they are UTF-8 and are Latin-1 have no character of more than a byte that is right, but maybe the mark. */
function decodeUtf8(bytes: Uint8Array): string {
  const text = UTF8.decode(bytes);
  const isLatin1 = text.includes('\ufffd') && !/[\u0080-\ufefe\uff00-\ufffc]/.test(text);
  return isLatin1 ? Buffer.from(bytes).toString('latin1') : text;
}

function decodeUtf32(bytes: Uint8Array, littleEndian: boolean): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const units = new Uint16Array(Math.floor(bytes.length / 4));
  for (let index = 0; index < units.length; index += 1) {
    const code = view.getUint32(4 * index, littleEndian);
    // Nothing beyond the first plane is met in packets of this kind, which hardly are.
    units[index] = code > 0xffff ? 0xfffd : code;
  }
  return new TextDecoder('utf-16le').decode(units);
}
