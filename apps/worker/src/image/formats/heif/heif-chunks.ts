// Where the samples of a track stand in the file (ISO/IEC 14496-12, 8.7.5).
import type { Bytes } from '../../bytes.ts';
import { type Box, findBox } from '../boxes.ts';

/** Offsets of the first and the last chunk; undefined without any. */
export function chunksOf(bytes: Bytes, table: Box): { first: number; last: number } | undefined {
  const narrow = findBox(bytes, table.body, table.end, 'stco');
  const box = narrow ?? findBox(bytes, table.body, table.end, 'co64');
  if (box === undefined || box.body + 8 > box.end) return undefined;
  const size = narrow === undefined ? 8 : 4;
  const count = Math.min(bytes.u32(box.body + 4), Math.floor((box.end - box.body - 8) / size));
  if (count === 0) return undefined;
  const offsetAt = (at: number) => (size === 4 ? bytes.u32(at) : bytes.u64(at));
  return { first: offsetAt(box.body + 8), last: offsetAt(box.body + 8 + (count - 1) * size) };
}

/** Whether the last chunk lies behind the end of the file. */
export function isChunkMissing(bytes: Bytes, table: Box): boolean {
  const chunks = chunksOf(bytes, table);
  return chunks !== undefined && chunks.last >= bytes.length;
}
