// The process that describes files: bytes in, a document out.
import type { Metadata } from '@tintype/core/contract';
import type { FileFacts, InspectOptions } from '../image/file-facts.ts';
import { inspect } from '../image/inspect.ts';
import { serve } from './serve.ts';

export interface InspectWish {
  file: FileFacts;
  options: InspectOptions;
}

serve<InspectWish, Metadata>(async (bytes, { file, options }) => ({
  facts: await inspect(bytes, file, options),
}));
