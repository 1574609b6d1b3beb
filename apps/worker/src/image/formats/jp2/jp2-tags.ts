// Blocks of tags in JPEG 2000 boxes: by UUID, or as XML (ISO/IEC 15444-1, I.7; XMP Specification, part 3).
import { Bytes } from '../../bytes.ts';
import type { Header } from '../../header.ts';
import { type Box, userType } from '../boxes.ts';
import { addXmp, isManifestStore, setExif, XMP_USER_TYPE } from '../tag-blocks.ts';

type BlockReader = (content: Uint8Array, header: Header) => void;

const exif: BlockReader = (content, header) => {
  if (header.blocks.exif === undefined) setExif(header, content);
};
const iptc: BlockReader = (content, header) => {
  header.blocks.iptc ??= content;
};

const BY_UUID: Readonly<Record<string, BlockReader | undefined>> = {
  [XMP_USER_TYPE]: (content, header) => addXmp(header, content),
  // “JpgTiffExif->JP2”, and the one of Photoshop.
  '4a706754696666457869662d3e4a5032': exif,
  '0537cdab9d0c4431a72afa561f2a113e': exif,
  '33c7a4d2b81d4723a0baf1a3e097ad38': iptc,
  '09a14e97c0b442e0bebf36df6f0ce36f': iptc,
  '2c4c0100850440b9a03e562148d6dfeb': (content, header) => {
    header.blocks.photoshop ??= content;
  },
};

export function readTagBox(bytes: Bytes, box: Box, header: Header): void {
  const { type, at, body, end } = box;
  if (type === 'uuid') {
    BY_UUID[userType(bytes, box) ?? '']?.(bytes.slice(body + 16, end - body - 16), header);
  } else if (type === 'xml ') {
    const content = bytes.slice(body, end - body);
    if (isXmp(content)) addXmp(header, content);
  } else if (type === 'jumb' && isManifestStore(bytes, body)) {
    header.blocks.c2pa ??= bytes.slice(at, end - at);
  }
}

const XMP_BEGINNING_BYTES = 4096;

/** Such a box may hold any XML, of which XMP is some. */
function isXmp(content: Uint8Array): boolean {
  const bytes = new Bytes(content);
  return bytes.latin1(0, Math.min(bytes.length, XMP_BEGINNING_BYTES)).includes('adobe:ns:meta/');
}
