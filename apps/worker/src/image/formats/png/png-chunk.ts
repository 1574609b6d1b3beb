// What the readers of chunks have in common: what is known of a PNG so far.
import type { Bytes } from '../../bytes.ts';
import type { Header } from '../../header.ts';
import type { Delays } from '../frame-delays.ts';

/** What the colour chunks say; which of them counts is known only when all are read. */
export interface ColorChunks {
  codePoints?: { primaries: number; transfer: number; matrix: number; isFullRange: boolean };
  isSrgb?: boolean;
  /** gAMA: the exponent times 100,000. */
  gamma?: number;
  /** cHRM: x and y of white, red, green and blue, times 100,000. */
  chromaticities?: number[];
}

export interface Png {
  header: Header;
  /** Types of the chunks so far. */
  seen: Set<string>;
  /** The first IDAT was reached. */
  isInData: boolean;
  colorType?: number;
  /** PLTE, as it stands. */
  palette?: Uint8Array;
  colors: ColorChunks;
  /** acTL: what it declares, and the fcTL chunks so far. */
  animation?: { frames: number; plays: number; delays: Delays; disposal: Set<string> };
  /** Bytes of text that may still be decompressed or copied. */
  textBytesLeft: number;
}

/** @param data the chunk's data: who reads past its end gets an EndOfBytes, which ends the chunk alone */
export type ChunkReader = (data: Bytes, png: Png) => void;
