// What the boxes and the codestream of a JPEG 2000 file say together. Where they differ the codestream counts: it is what is decoded.
import { type Header, malformed } from '../../header.ts';
import { subsamplingWord } from '../subsampling.ts';
import type { Codestream, Component } from './jp2-codestream.ts';
import type { Jp2Header } from './jp2-header.ts';

export interface Jp2 {
  boxes: Jp2Header;
  codestream?: Codestream;
}

export function describePicture({ boxes, codestream }: Jp2, header: Header): void {
  header.image.storedWidth = above0(codestream?.width) ?? above0(boxes.size?.width);
  header.image.storedHeight = above0(codestream?.height) ?? above0(boxes.size?.height);
  header.image.channels = codestream?.components.length ?? boxes.size?.components;
  header.image.bitDepth = boxes.bitDepth;
  if (boxes.paletteSize !== undefined) {
    header.color.model = 'indexed';
    header.color.palette = { size: boxes.paletteSize };
  }
  if (codestream !== undefined) {
    describeCodestream(codestream, header);
    compareSizes(codestream, boxes.size ?? codestream, header);
  }
  header.image.hasAlpha = boxes.hasOpacity ?? hasAlphaByCount(boxes, header.image.channels);
}

function above0(size: number | undefined): number | undefined {
  return size !== undefined && size > 0 ? size : undefined;
}

/** Without a channel definition box all channels are colours, if there are just as many; what others would be, nobody says. */
function hasAlphaByCount(boxes: Jp2Header, stored: number | undefined): boolean | undefined {
  const channels = boxes.paletteChannels ?? stored;
  return boxes.colors !== undefined && channels === boxes.colors ? false : undefined;
}

/** Table A.11. */
const MAX_BIT_DEPTH = 38;

function describeCodestream(codestream: Codestream, header: Header): void {
  const { components, filter, profile, tile, width, height } = codestream;
  const depths = components.map(({ bitDepth }) => bitDepth).filter((depth) => depth <= MAX_BIT_DEPTH);
  if (depths.length > 0) header.image.bitDepth = Math.max(...depths);
  header.encoding.chromaSubsampling = subsamplingOf(components, header.color.model);
  header.encoding.profile = codestream.isHighThroughput ? 'HTJ2K' : profile;
  if (tile.width < width || tile.height < height) header.encoding.tiling = tile;
  header.compression.filter = filter;
  // 5-3 can be lossless, but whether all of its bits were kept is not said.
  if (filter === '9-7') header.compression.lossless = false;
  if (codestream.comments.length > 0) {
    header.blocks.texts = codestream.comments.map((comment) => ['Comment', comment]);
  }
}

function subsamplingOf(components: readonly Component[], model: string | undefined): string | undefined {
  const [luma, blue, red] = components;
  if (luma === undefined || blue === undefined || red === undefined) return undefined;
  if (blue.xStep !== red.xStep || blue.yStep !== red.yStep) return undefined;
  const word = subsamplingWord(blue.xStep / luma.xStep, blue.yStep / luma.yStep);
  return word === '4:4:4' && model !== 'ycbcr' ? undefined : word;
}

function compareSizes(codestream: Codestream, size: { width: number; height: number }, header: Header): void {
  const { width, height } = codestream;
  if (width <= 0 || height <= 0) header.warnings.push(malformed('The codestream has no area.', 'image'));
  else if (size.width !== width || size.height !== height) {
    const message = `The header says ${size.width} × ${size.height}, the codestream ${width} × ${height}.`;
    header.warnings.push(malformed(message, 'image'));
  }
}
