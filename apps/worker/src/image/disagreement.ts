// Two tools that know the same fact and tell it differently.
import type { MetadataWarning } from '@tintype/core/contract';

/** One warning with both values in it; none where one of them does not know. */
export function disagreement(
  field: string,
  own: number | undefined,
  theirs: number | undefined,
  tool: 'libvips' | 'ExifTool',
): MetadataWarning[] {
  if (own === undefined || theirs === undefined || own === theirs) return [];
  return [{ code: 'TOOLS_DISAGREE', message: `The header says ${own}, ${tool} says ${theirs}.`, field }];
}
