// What stands in uuid boxes: XMP packets and C2PA manifest stores, in HEIF as in Canon's RAW.
import type { Bytes } from '../../bytes.ts';
import type { Header } from '../../header.ts';
import { type Box, Fields, userType } from '../boxes.ts';
import { addXmp, XMP_USER_TYPE } from '../tag-blocks.ts';

/** C2PA 2.1, A.5. */
const C2PA = 'd8fec3d61b0e483c92975828877ec481';

/** Nothing of other kinds of box. */
export function collectUserBox(bytes: Bytes, box: Box, header: Header): void {
  const type = userType(bytes, box);
  if (type === XMP_USER_TYPE) addXmp(header, bytes.slice(box.body + 16, box.end - box.body - 16));
  if (type === C2PA) header.blocks.c2pa ??= manifestStore(bytes, box);
}

/** Version, flags, purpose, and for a manifest the offset of a further box; then JUMBF. */
function manifestStore(bytes: Bytes, box: Box): Uint8Array {
  const fields = new Fields(bytes, box.body + 16, box.end);
  fields.skip(4);
  if (fields.text() === 'manifest') fields.skip(8);
  return bytes.slice(fields.at, box.end - fields.at);
}
