// JPEG 2000: JP2, JPX and JPH files, and the bare codestream (ISO/IEC 15444-1, 15444-2, 15444-15).
import { type Bytes, EndOfBytes } from '../../bytes.ts';
import { type Header, type HeaderReader, MAX_STEPS, malformed, walkLimit } from '../../header.ts';
import { type Box, boxes } from '../boxes.ts';
import { type Codestream, readCodestream } from './jp2-codestream.ts';
import { emptyJp2Header, readHeaderBoxes, SUPERBOXES } from './jp2-header.ts';
import { describePicture, type Jp2 } from './jp2-picture.ts';
import { readTagBox } from './jp2-tags.ts';

export const readJp2: HeaderReader = (bytes, header) => {
  header.encoding.codec = 'jpeg2000';
  header.compression.method = 'jpeg2000';
  const jp2: Jp2 = { boxes: emptyJp2Header() };
  try {
    if (bytes.u16(0) === 0xff4f) readBare(bytes, header, jp2);
    else readContainer(bytes, header, jp2);
  } finally {
    describePicture(jp2, header);
  }
};

function readBare(bytes: Bytes, header: Header, jp2: Jp2): void {
  header.mimeType = 'image/x-j2c';
  header.encoding.process = 'codestream';
  header.image.pages = 1;
  const codestream = readFirst(bytes, 0, bytes.length, jp2);
  if (codestream?.isTruncated) header.truncated = true;
  if (codestream?.end !== undefined) header.end = codestream.end;
}

function readFirst(bytes: Bytes, from: number, to: number, jp2: Jp2): Codestream | undefined {
  readCodestream(bytes, from, to, (codestream) => {
    jp2.codestream = codestream;
  });
  return jp2.codestream;
}

/** Of the boxes in front, “jP  ” is one that only says what the file is. */
const KNOWN_TYPES: ReadonlySet<string> = new Set(
  'jP  ,ftyp,rreq,jp2h,jpch,jplh,jp2c,jp2i,xml ,uuid,uinf,jumb,asoc,free,mdat'.split(','),
);

function readContainer(bytes: Bytes, header: Header, jp2: Jp2): void {
  header.encoding.process = 'container';
  let count = 0;
  let codestreams = 0;
  for (const box of boxes(bytes, 0, bytes.length)) {
    count += 1;
    // What is none of them and does not end within the file was appended to it.
    if (box.cut && !KNOWN_TYPES.has(box.type)) break;
    header.end = box.end;
    if (box.cut) header.truncated = true;
    if (box.type === 'jp2c') codestreams += 1;
    readBox({ bytes, box, header, jp2, isFirstCodestream: codestreams === 1 });
  }
  if (codestreams === 0) warnOfNothing(bytes, header);
  if (count === MAX_STEPS) header.warnings.push(walkLimit('boxes'));
  // Part 1 knows one picture; JPX puts several together in ways that are not followed here.
  const isPart1 = header.formatVersion === 'jp2' || header.formatVersion === 'jph';
  if (isPart1 || codestreams === 1) header.image.pages = 1;
}

function warnOfNothing(bytes: Bytes, header: Header): void {
  const isWholeFileWalked = (header.end ?? 0) + 8 > bytes.length;
  delete header.end;
  if (isWholeFileWalked) header.truncated = true;
  else header.warnings.push(malformed('There is no codestream among the boxes.'));
}

interface Visit {
  bytes: Bytes;
  box: Box;
  header: Header;
  jp2: Jp2;
  isFirstCodestream: boolean;
}

function readBox({ bytes, box, header, jp2, isFirstCodestream }: Visit): void {
  if (box.type === 'ftyp') readBrand(bytes, box, header);
  else if (SUPERBOXES.has(box.type)) readHeaderBoxes({ bytes, header, found: jp2.boxes }, box);
  else if (box.type !== 'jp2c') {
    if (!box.cut) readTagBox(bytes, box, header);
  } else if (isFirstCodestream) readWrapped(bytes, box, header, jp2);
}

/** Media types of brands (RFC 3745; ISO/IEC 15444-15). */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  'jpx ': 'image/jpx',
  'jpm ': 'image/jpm',
  'jph ': 'image/jph',
  mjp2: 'video/mj2',
};

function readBrand(bytes: Bytes, { body }: Box, header: Header): void {
  const brand = bytes.latin1(body, 4);
  if (/^[a-z0-9]{3}[a-z0-9 ]$/.test(brand)) header.formatVersion = brand.trim();
  const mimeType = MEDIA_TYPES[brand];
  if (mimeType !== undefined) header.mimeType = mimeType;
}

/** Whatever is wrong with the codestream, boxes behind it are still read. */
function readWrapped(bytes: Bytes, box: Box, header: Header, jp2: Jp2): void {
  try {
    const codestream = readFirst(bytes, box.body, box.end, jp2);
    if (codestream?.isTruncated) header.truncated = true;
    // A box that lasts to the end of the file, whatever was appended to it.
    const isOpen = bytes.u32(box.at) === 0;
    if (isOpen && codestream?.end !== undefined) header.end = codestream.end;
  } catch (error) {
    if (error instanceof EndOfBytes) header.truncated = true;
    else
      header.warnings.push(malformed(`The codestream can not be read further: ${(error as Error).message}.`));
  }
}
