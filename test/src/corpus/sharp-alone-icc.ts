// The name of an ICC profile: sharp hands out the profile's bytes, of which its users read this much (ICC.1:2022, 7.3 and 9.2.41).

const HEADER_BYTES = 128;
const ENTRY_BYTES = 12;
const MOST_ENTRIES = 100;

/** Undefined where there is none, or none that can be read. */
export function profileName(icc: Buffer): string | undefined {
  try {
    const entries = Math.min(icc.readUInt32BE(HEADER_BYTES), MOST_ENTRIES);
    for (let entry = 0; entry < entries; entry++) {
      const at = HEADER_BYTES + 4 + entry * ENTRY_BYTES;
      if (icc.toString('latin1', at, at + 4) === 'desc')
        return nameAt(icc.subarray(icc.readUInt32BE(at + 4)));
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return undefined;
}

/** As text of one byte a letter (version 2), or the English of several languages, or the first (version 4). */
function nameAt(tag: Buffer): string | undefined {
  const type = tag.toString('latin1', 0, 4);
  if (type === 'desc') return clean(tag.toString('latin1', 12, 12 + tag.readUInt32BE(8)));
  if (type !== 'mluc') return undefined;
  const records = Array.from({ length: Math.min(tag.readUInt32BE(8), MOST_ENTRIES) }, (_, index) =>
    tag.subarray(16 + index * ENTRY_BYTES),
  );
  const record = records.find((one) => one.toString('latin1', 0, 2) === 'en') ?? records[0];
  if (record === undefined) return undefined;
  const [bytes, start] = [record.readUInt32BE(4), record.readUInt32BE(8)];
  return clean(new TextDecoder('utf-16be').decode(tag.subarray(start, start + bytes)));
}

function clean(text: string): string {
  return text.replace(/\0.*$/s, '').trim();
}
