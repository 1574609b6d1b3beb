// What is known of a file before a byte of it is read.
import type { ImageFormat } from '@tintype/core/contract';

export interface FileFacts {
  bytes: number;
  sha256Hex: string;
  format: ImageFormat;
  fileName: string | null;
  declaredMimeType: string | null;
}
