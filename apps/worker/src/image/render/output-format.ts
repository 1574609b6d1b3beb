// In which format a picture leaves.
import type { CanonicalTransform, OutputFormat } from '@tintype/core/contract';
import type { Source } from './source.ts';

const SAME: ReadonlySet<string> = new Set<OutputFormat>(['jpeg', 'png', 'webp', 'avif', 'gif']);

/** Best first: where one can't be, being too large for it, the next may do. Whoever shows AVIF shows WebP. */
export function candidatesOf(source: Source, { format, accepted }: CanonicalTransform): OutputFormat[] {
  if (format === undefined) return [isSame(source.format) ? source.format : plainOf(source)];
  if (format !== 'auto') return [format];
  if (source.frames > 1) return accepted === 'plain' ? ['gif'] : ['webp', 'gif'];
  const plain = plainOf(source);
  if (accepted === 'avif') return ['avif', 'webp', plain];
  return accepted === 'webp' ? ['webp', plain] : [plain];
}

export function animates(format: OutputFormat): boolean {
  return format === 'webp' || format === 'gif';
}

/** What every client shows. */
function plainOf({ header }: Source): OutputFormat {
  return header.hasAlpha ? 'png' : 'jpeg';
}

function isSame(format: string): format is OutputFormat {
  return SAME.has(format);
}
