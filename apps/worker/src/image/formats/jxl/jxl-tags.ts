// Boxes of tags in a JPEG XL container, also where they are compressed (ISO/IEC 18181-2).
import { Bytes } from '../../bytes.ts';
import type { Header } from '../../header.ts';
import type { Box } from '../boxes.ts';
import { decompress } from '../decompress.ts';
import { addXmp, isManifestStore, setExif } from '../tag-blocks.ts';

type TagReader = (content: Uint8Array, header: Header) => void;

const READERS: Readonly<Record<string, TagReader | undefined>> = {
  Exif: readExif,
  'xml ': (content, header) => addXmp(header, content),
  jumb: (content, header) => {
    if (isManifestStore(new Bytes(content), 0)) header.blocks.c2pa ??= withBoxHeader('jumb', content);
  },
};

const FIELDS: Readonly<Record<string, string>> = { Exif: 'exif', 'xml ': 'xmp', jumb: 'provenance' };

/** Most boxes of tags that are read: each may have to be decompressed. */
const MAX_TAG_BOXES = 16;

/** Reads Exif, xml and jumb boxes of one file, plain or inside brob. Other boxes are nothing to it. */
export function tagBoxReader(bytes: Bytes, header: Header): (box: Box) => void {
  let count = 0;
  return ({ type: outerType, body, end }) => {
    const isCompressed = outerType === 'brob' && body + 4 <= end;
    const type = isCompressed ? bytes.latin1(body, 4) : outerType;
    const read = READERS[type];
    if (read === undefined || count === MAX_TAG_BOXES) return;
    count += 1;
    const content = isCompressed
      ? decompress(bytes.slice(body + 4, end - body - 4), 'brotli', header, { field: FIELDS[type] ?? 'file' })
      : bytes.slice(body, end - body);
    if (content !== undefined) read(content, header);
  };
}

/** How many bytes to skip before the TIFF stream, then those and the stream. */
function readExif(content: Uint8Array, header: Header): void {
  const bytes = new Bytes(content);
  const skipped = bytes.has(0, 4) ? bytes.u32(0) : 0;
  if (header.blocks.exif === undefined)
    setExif(header, content.subarray(Math.min(4 + skipped, content.length)));
}

function withBoxHeader(type: string, content: Uint8Array): Uint8Array {
  const box = Buffer.alloc(8 + content.length);
  box.writeUInt32BE(box.length);
  box.write(type, 4, 'latin1');
  box.set(content, 8);
  return box;
}
