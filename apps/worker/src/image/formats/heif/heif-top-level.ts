// The boxes a file is made of, and where the last one ends (ISO/IEC 14496-12, 6.2.3).
import type { Bytes } from '../../bytes.ts';
import { type Header, MAX_STEPS, walkLimit } from '../../header.ts';
import { type Box, boxes } from '../boxes.ts';

const TOP_LEVEL_TYPES: ReadonlySet<string> = new Set(
  'ftyp,styp,etyp,meta,meco,moov,moof,mfra,mdat,imda,idat,free,skip,wide,uuid,pdin,sidx,ssix,prft,emsg,mpvd,sefd'.split(
    ',',
  ),
);

/** Sets `end` and `truncated`. What only looks like a box, and would be cut, is none. */
export function readTopLevel(bytes: Bytes, header: Header): Box[] {
  const found: Box[] = [];
  let end = 0;
  for (const box of boxes(bytes, 0, bytes.length)) {
    const isKnown = TOP_LEVEL_TYPES.has(box.type);
    const isBox = isKnown || (!box.cut && /^[\x20-\x7e]{4}$/.test(box.type));
    // There is one ftyp box: with a second one another file begins, such as the film of a moving picture.
    if (!isBox || (box.type === 'ftyp' && found.length > 0)) break;
    found.push(box);
    end = box.end;
    if (box.cut) header.truncated = true;
  }
  if (found.length === MAX_STEPS) header.warnings.push(walkLimit('boxes'));
  else if (header.truncated !== true) header.end = end;
  return found;
}
