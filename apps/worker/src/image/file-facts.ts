// What is known of a file before a byte of it is read, and what is wanted to be known.
import type { ImageFormat, Profile } from '@tintype/core/contract';
import type { PixelLimits } from './pixels/read-pixels.ts';

export interface FileFacts {
  bytes: number;
  sha256Hex: string;
  format: ImageFormat;
  fileName: string | null;
  declaredMimeType: string | null;
}

/** Of a name, lower case, without the dot. */
export function extensionIn(fileName: string | null): string | undefined {
  return /\.([A-Za-z0-9]{1,10})$/.exec(fileName ?? '')?.[1]?.toLowerCase();
}

/** What a job, or whoever runs the command, wants to know. */
export interface InspectWishes {
  profile: Profile;
  /** Hashes, placeholders and colours, for which the picture is decoded. */
  pixels: boolean;
  /** Numbers about the pixels, where pixels are wanted. */
  stats: boolean;
}

export interface InspectOptions extends InspectWishes {
  limits: PixelLimits;
}
