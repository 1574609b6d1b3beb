// What a GIF's extensions say: comments, loops, and the blocks of tags that programs put into application extensions.
import type { Bytes } from '../../bytes.ts';
import { decodeText } from '../../decode-text.ts';
import { type Blocks, type Header, textLimit, warnOnce } from '../../header.ts';
import { joinSubBlocks } from './gif-blocks.ts';

const MAX_COMMENTS = 200;
const MAX_COMMENT_BYTES = 64 * 1024;

/** Largest profile or block of tags that is put together. */
const MAX_TAG_BYTES = 1024 * 1024;

/** Identifier and authentication code (GIF89a, 26). */
const NAME_BYTES = 11;

/** Sub-block of a looping extension that holds the number. */
const LOOP = 1;

/** Behind raw XMP: 0x01, 0xFF, 0xFE … 0x00, 0x00. Whoever takes any byte of XMP for a length comes out at its end. */
const XMP_TRAILER_BYTES = 258;

const XMP = 'XMP DataXMP';
const LOOPING: ReadonlySet<string> = new Set(['NETSCAPE2.0', 'ANIMEXTS1.0']);
const TAG_BLOCKS: Readonly<Record<string, 'icc' | 'iptc' | 'photoshop' | 'c2pa'>> = {
  ICCRGBG1012: 'icc',
  // ImageMagick's.
  MGKIPTC0000: 'iptc',
  MGK8BIM0000: 'photoshop',
  'C2PA_GIF\x01\0\0': 'c2pa',
};

export interface Extension {
  /** Behind the label: where the first sub-block begins. */
  from: number;
  /** Behind the last sub-block. */
  to: number;
}

/** Comment extension (GIF89a, 24). ASCII by the specification; programs write UTF-8 and Latin-1. */
export function readComment(bytes: Bytes, { from }: Extension, header: Header): void {
  const texts = header.blocks.texts ?? [];
  const comment = texts.length < MAX_COMMENTS ? joinSubBlocks(bytes, from, MAX_COMMENT_BYTES) : undefined;
  if (comment === undefined) warnOnce(header, textLimit('file'));
  else if (comment.length > 0) {
    texts.push(['Comment', decodeText(comment)]);
    header.blocks.texts = texts;
  }
}

/**
 * Application extension (GIF89a, 26).
 * @returns how often the frames play (0: for ever), where it is one that says so
 */
export function readApplication(bytes: Bytes, { from, to }: Extension, header: Header): number | undefined {
  if (bytes.u8(from) !== NAME_BYTES) return undefined;
  const name = bytes.latin1(from + 1, NAME_BYTES);
  const data = { from: from + 1 + NAME_BYTES, to };
  if (LOOPING.has(name)) return playsOf(bytes, data.from);
  if (name === XMP) readXmpPacket(bytes, data, header);
  const kind = TAG_BLOCKS[name];
  if (kind !== undefined) readTagBlock(bytes, data.from, header, kind);
  return undefined;
}

/** The number is of repetitions, and every browser plays them behind the first time. */
function playsOf(bytes: Bytes, at: number): number | undefined {
  if (bytes.u8(at) < 3 || (bytes.u8(at + 1) & 7) !== LOOP) return undefined;
  const repetitions = bytes.u16(at + 2, true);
  return repetitions === 0 ? 0 : repetitions + 1;
}

/** Raw, with the trailer that makes sub-blocks of it (XMP part 3, 1.1.2); some programs write true sub-blocks instead. */
function readXmpPacket(bytes: Bytes, { from, to }: Extension, header: Header): void {
  if (header.blocks.xmp !== undefined) return;
  const end = to - XMP_TRAILER_BYTES;
  const isRaw = end >= from && bytes.u8(end) === 1 && bytes.u8(end + 1) === 0xff;
  const packet = isRaw ? bytes.slice(from, end - from) : joinSubBlocks(bytes, from, MAX_TAG_BYTES);
  if (packet === undefined) warnOnce(header, textLimit('file'));
  else if (packet.length > 0) header.blocks.xmp = [packet];
}

function readTagBlock(
  bytes: Bytes,
  at: number,
  header: Header,
  kind: keyof Blocks & (typeof TAG_BLOCKS)[string],
): void {
  if (header.blocks[kind] !== undefined) return;
  const block = joinSubBlocks(bytes, at, MAX_TAG_BYTES);
  if (block === undefined) warnOnce(header, textLimit('file'));
  else if (block.length > 0) header.blocks[kind] = block;
}
