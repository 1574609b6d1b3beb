// Blocks of tags as containers carry them, on their way to the readers in tags/.
import { Bytes } from '../bytes.ts';
import { type Header, malformed, warnOnce } from '../header.ts';

/** What writers put before the TIFF stream of EXIF also outside of JPEG, whose APP1 it marks. */
const APP1_MARK = 'Exif\0\0';

/** What stands there already stays where `block` is no TIFF stream. */
export function setExif(header: Header, block: Uint8Array): void {
  const bytes = new Bytes(block);
  const at = bytes.is(APP1_MARK) ? APP1_MARK.length : 0;
  if (bytes.is('II', at) || bytes.is('MM', at)) header.blocks.exif = block.subarray(at);
  else warnOnce(header, malformed('What should be EXIF is no TIFF stream.', 'exif'));
}

const TIFF_HEADERS = ['II*\0', 'MM\0*'];

/** Where the first TIFF stream begins, at `last` at the latest. */
export function findTiff(block: Uint8Array, last: number): number | undefined {
  const bytes = new Bytes(block);
  for (let at = 0; at <= last; at += 1) {
    if (TIFF_HEADERS.some((header) => bytes.is(header, at))) return at;
  }
  return undefined;
}

/** User type of the uuid boxes that hold XMP, in every format of boxes (XMP specification, part 3, 2.1.2.2). */
export const XMP_USER_TYPE = 'be7acfcb97a942e89c71999491e3afac';
const MAX_PACKETS = 16;

/** Behind those that are there: the first one counts most. Cameras pad packets with NUL to change them in place. */
export function addXmp({ blocks }: Header, packet: Uint8Array): void {
  const packets = blocks.xmp ?? [];
  const end = packet.findLastIndex((byte) => byte !== 0) + 1;
  if (end > 0 && packets.length < MAX_PACKETS) blocks.xmp = [...packets, packet.subarray(0, end)];
}

/**
 * Whether the content of a jumb box is a C2PA manifest store: the description box stands first and begins with the type's UUID,
 * 63327061-0011-0010-8000-00AA00389B71 (C2PA 2.1, 11.1.4).
 */
export function isManifestStore(bytes: Bytes, body: number): boolean {
  return bytes.is('jumd', body + 4) && bytes.is('c2pa', body + 8);
}
