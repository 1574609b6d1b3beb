// What a coded picture says of itself, whatever its codec, and the words that codecs share.
import { EndOfBytes } from '../../bytes.ts';
import type { Cicp } from '../../cicp.ts';
import type { Header } from '../../header.ts';

export interface Coding {
  bitDepth?: number | undefined;
  chromaSubsampling?: string | undefined;
  /** Of one pixel, without an alpha that is a picture of its own. */
  channels?: number | undefined;
  profile?: string | undefined;
  level?: string | undefined;
  process?: string | undefined;
  tiling?: Header['encoding']['tiling'];
  /** Where it is not the codec's own. */
  method?: string | undefined;
  lossless?: boolean | undefined;
  /** Where it does not follow from matrix and subsampling. */
  model?: string | undefined;
  hasAlpha?: boolean | undefined;
  width?: number | undefined;
  height?: number | undefined;
  cicp?: Cicp | undefined;
  /** What the container and the stream contradict each other about; the container's word stands. */
  contradiction?: string | undefined;
}

/** What a stream says besides its configuration may be cut: the configuration stands. */
export function unlessCut<Fact>(read: () => Fact): Fact | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof EndOfBytes) return undefined;
    throw error;
  }
}

/** By chroma_format_idc, which MPEG's codecs share (H.265, table 6-1). */
export const CHROMA_FORMATS = ['4:0:0', '4:2:0', '4:2:2', '4:4:4'] as const;

export function channelsOf(chromaSubsampling: string | undefined): number | undefined {
  if (chromaSubsampling === undefined) return undefined;
  return chromaSubsampling === '4:0:0' ? 1 : 3;
}
