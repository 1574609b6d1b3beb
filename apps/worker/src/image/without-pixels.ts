// A document whose pixels ended, or outlasted, the process that decoded them: all else that is known of the image stays.
import type { Metadata } from '@tintype/core/contract';

export function withoutPixels(document: Metadata): Metadata {
  const message = 'Decoding the picture ended its process: its pixels were left alone.';
  return {
    ...document,
    sections: { ...document.sections, pixels: 'failed' },
    warnings: [...document.warnings, { code: 'PIXELS_UNREADABLE', message, field: 'placeholder' }],
  };
}
