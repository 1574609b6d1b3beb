// Colour space, palette and the name of the embedded profile.
import type { Metadata } from '@tintype/core/contract';
import { parse } from 'icc';
import { known } from './known.ts';
import type { SharpHeader } from './read-header.ts';

export function describeColor(header: SharpHeader | undefined): Metadata['color'] {
  const bits = header?.bitsPerSample;
  const paletteSize = header?.isPalette === true && bits !== undefined ? 2 ** bits : undefined;
  return known({ space: header?.space, paletteSize });
}

/** Null: the file has no profile. */
export function describeIcc(header: SharpHeader | undefined): Metadata['icc'] {
  if (header?.icc === undefined) return null;
  return known({ description: nameOf(header.icc), bytes: header.icc.length });
}

function nameOf(profile: Buffer): string | undefined {
  try {
    return parse(profile).description?.trim() || undefined;
  } catch {
    // A profile that can't be read is still a profile.
    return undefined;
  }
}
