// JPEG XL: the bare codestream, or the container around it with its boxes of tags (ISO/IEC 18181-2).
import type { Bytes } from '../../bytes.ts';
import { type Header, type HeaderReader, MAX_STEPS, walkLimit } from '../../header.ts';
import { type Box, boxes } from '../boxes.ts';
import type { CodestreamPart } from './jxl-bits.ts';
import { readCodestream } from './jxl-codestream.ts';
import { tagBoxReader } from './jxl-tags.ts';

/** What is none of them and does not end within the file was appended to it. */
const KNOWN_TYPES: ReadonlySet<string> = new Set(
  'JXL ,ftyp,jxll,jxlc,jxlp,jxli,jbrd,jhgm,brob,Exif,xml ,jumb,free,uuid'.split(','),
);

export const readJxl: HeaderReader = (bytes, header) => {
  header.encoding.codec = 'jxl';
  header.compression.method = 'jxl';
  if (bytes.u16(0) === 0xff0a) {
    header.encoding.process = 'codestream';
    const end = readCodestream(bytes, [{ at: 0, end: bytes.length }], header);
    if (end !== undefined) header.end = end;
    return;
  }
  header.encoding.process = 'container';
  const { parts, hasGainMap } = readBoxes(bytes, header);
  try {
    readCodestream(bytes, parts, header);
  } finally {
    if (hasGainMap) header.color.hdr = { standard: 'iso-21496-1', ...header.color.hdr, gainMap: true };
  }
};

interface Container {
  parts: CodestreamPart[];
  hasGainMap: boolean;
}

function readBoxes(bytes: Bytes, header: Header): Container {
  const container: Container = { parts: [], hasGainMap: false };
  const readTags = tagBoxReader(bytes, header);
  let count = 0;
  for (const box of boxes(bytes, 0, bytes.length)) {
    count += 1;
    if (box.cut && !KNOWN_TYPES.has(box.type)) break;
    header.end = box.end;
    readBox(bytes, box, header, container);
    if (!box.cut) readTags(box);
    else header.truncated = true;
  }
  if (count === MAX_STEPS) header.warnings.push(walkLimit('boxes'));
  return container;
}

function readBox(bytes: Bytes, { type, body, end }: Box, header: Header, container: Container): void {
  if (type === 'jxlc') container.parts.push({ at: body, end });
  // In front of each part stands its number.
  else if (type === 'jxlp' && body + 4 <= end) container.parts.push({ at: body + 4, end });
  else if (type === 'jxll' && body < end) header.encoding.level = String(bytes.u8(body));
  else if (type === 'jhgm') container.hasGainMap = true;
}
