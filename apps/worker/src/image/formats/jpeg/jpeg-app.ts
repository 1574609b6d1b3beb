// Which application segment of a JPEG holds what: the signatures of APP0 to APP15 and COM, and the blocks that come of them.
import type { Bytes } from '../../bytes.ts';
import { decodeText } from '../../decode-text.ts';
import { type Blocks, type Header, malformed, textLimit } from '../../header.ts';
import { findTiff } from '../tag-blocks.ts';
import { joinExtendedXmp, joined, joinManifestStore, joinProfile } from './jpeg-reassembly.ts';
import type { Segment } from './jpeg-segments.ts';

type Kind = 'exif' | 'xmp' | 'extendedXmp' | 'icc' | 'jumbf' | 'photoshop' | 'comment';

/** What stands behind the signatures, in the order of the file. */
export type AppSegments = Record<Kind, Uint8Array[]>;

export function noAppSegments(): AppSegments {
  return { exif: [], xmp: [], extendedXmp: [], icc: [], jumbf: [], photoshop: [], comment: [] };
}

const SIGNATURES: readonly { code: number; signature: string; kind: Kind; keep?: boolean }[] = [
  { code: 0xe1, signature: 'Exif\0', kind: 'exif' },
  { code: 0xe1, signature: 'http://ns.adobe.com/xap/1.0/\0', kind: 'xmp' },
  { code: 0xe1, signature: 'http://ns.adobe.com/xmp/extension/\0', kind: 'extendedXmp' },
  { code: 0xe2, signature: 'ICC_PROFILE\0', kind: 'icc' },
  { code: 0xeb, signature: 'JP', kind: 'jumbf', keep: true },
  { code: 0xed, signature: 'Photoshop 3.0\0', kind: 'photoshop' },
  { code: 0xed, signature: 'Adobe_Photoshop2.5:', kind: 'photoshop' },
  // Written by programs that forget or misspell the signature.
  { code: 0xe1, signature: 'XMP\0://ns.adobe.com/xap/1.0/\0', kind: 'xmp' },
  { code: 0xe1, signature: 'II*\0', kind: 'exif', keep: true },
  { code: 0xe1, signature: 'MM\0*', kind: 'exif', keep: true },
  { code: 0xe1, signature: '<?xpacket', kind: 'xmp', keep: true },
  { code: 0xe1, signature: '<x:xmpmeta', kind: 'xmp', keep: true },
  { code: 0xed, signature: '8BIM', kind: 'photoshop', keep: true },
  { code: 0xed, signature: '\x1c\x01', kind: 'photoshop', keep: true },
  { code: 0xed, signature: '\x1c\x02', kind: 'photoshop', keep: true },
  { code: 0xfe, signature: '', kind: 'comment' },
];

const IPTC_MARKER = 0x1c;
const MAX_COMMENT_BYTES = 1024 * 1024;

/** Files the segment under what it holds; most hold nothing of interest. */
export function collectAppSegment(bytes: Bytes, { code, body, end }: Segment, found: AppSegments): void {
  for (const known of SIGNATURES) {
    if (known.code !== code || !bytes.is(known.signature, body)) continue;
    const from = known.keep ? body : body + known.signature.length;
    if (from < end) found[known.kind].push(bytes.slice(from, end - from));
    return;
  }
}

export function describeBlocks(found: AppSegments, header: Header): void {
  const { blocks } = header;
  const exif = joinExif(found.exif);
  if (exif !== undefined) blocks.exif = exif;
  else if (found.exif.length > 0)
    header.warnings.push(malformed('The EXIF segment holds no TIFF header.', 'exif'));
  describeXmp(found, header);
  const icc = joinProfile(found.icc);
  if (icc !== undefined) blocks.icc = icc;
  const c2pa = joinManifestStore(found.jumbf);
  if (c2pa !== undefined) blocks.c2pa = c2pa;
  if (found.photoshop.length > 0) describePhotoshop(joined(found.photoshop), blocks);
  describeComments(found.comment, header);
}

/** A TIFF header stands at the beginning of EXIF, behind a byte or more of padding (CIPA DC-008, 4.7.2). */
const MAX_PADDING_BYTES = 16;

/** The first EXIF, and what later segments carry on of it: those without a TIFF header of their own. */
function joinExif(segments: readonly Uint8Array[]): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  for (const segment of segments) {
    const start = findTiff(segment, MAX_PADDING_BYTES);
    if (start !== undefined && parts.length > 0) break;
    if (start !== undefined) parts.push(segment.subarray(start));
    else if (parts.length > 0) parts.push(segment.subarray(1));
  }
  return parts.length === 0 ? undefined : joined(parts);
}

function describeXmp({ xmp, extendedXmp }: AppSegments, { blocks, warnings }: Header): void {
  if (xmp.length > 0) blocks.xmp = [...xmp];
  if (extendedXmp.length === 0) return;
  const extended = joinExtendedXmp(xmp, extendedXmp);
  if (extended !== undefined) blocks.xmp?.push(extended);
  else
    warnings.push(
      malformed('The extended XMP is not complete, or not the one that the main packet names.', 'xmp'),
    );
}

function describePhotoshop(resources: Uint8Array, blocks: Blocks): void {
  // Some programs write the records themselves where Photoshop's resources belong.
  if (resources[0] === IPTC_MARKER) blocks.iptc = resources;
  else blocks.photoshop = resources;
}

function describeComments(comments: readonly Uint8Array[], { blocks, warnings }: Header): void {
  let room = MAX_COMMENT_BYTES;
  const texts = blocks.texts ?? [];
  for (const comment of comments) {
    room -= comment.length;
    if (room < 0) {
      warnings.push(textLimit('file'));
      break;
    }
    // T.81 leaves the encoding open (B.2.4.5).
    const text = decodeText(comment).replaceAll('\0', '').trim();
    if (text !== '') texts.push(['Comment', text]);
  }
  if (texts.length > 0) blocks.texts = texts;
}
