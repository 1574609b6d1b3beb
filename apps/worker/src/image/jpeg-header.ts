// Where a JPEG's header ends: everything it says about itself, its pixels aside, stands before the first scan (ITU-T T.81, B.2).

const MARKER = 0xff;
const START_OF_SCAN = 0xda;
const MAX_SEGMENTS = 1000;

/** Markers without a length: TEM, RST0–7, SOI (ITU-T T.81, table B.1). */
function standsAlone(code: number): boolean {
  return code === 0x01 || (code >= 0xd0 && code <= 0xd8);
}

/** Offset behind the header of the first scan; undefined when `bytes` end before it, or are no JPEG. */
export function jpegHeaderEnd(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  for (let segment = 0; segment < MAX_SEGMENTS && offset + 4 <= bytes.length; segment += 1) {
    if (view.getUint8(offset) !== MARKER) return undefined;
    const code = view.getUint8(offset + 1);
    offset += segmentBytes(view, offset, code);
    if (code === START_OF_SCAN) return offset <= bytes.length ? offset : undefined;
  }
  return undefined;
}

/** Of the marker and what belongs to it. A marker may be filled up with further FF (ITU-T T.81, B.1.1.2). */
function segmentBytes(view: DataView, offset: number, code: number): number {
  if (code === MARKER) return 1;
  return standsAlone(code) ? 2 : 2 + view.getUint16(offset + 2);
}
