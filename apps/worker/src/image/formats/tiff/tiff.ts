// TIFF 6.0 and its supplements, BigTIFF, TIFF/EP, DNG, and the makers' raw formats that are TIFFs.
import { type Bytes, EndOfBytes } from '../../bytes.ts';
import { type Header, type HeaderReader, malformed, walkLimit } from '../../header.ts';
import { densityOf, orientationOf } from '../../tags/exif-resolution.ts';
import { openTiff, type Tiff } from '../../tags/ifd.ts';
import { describeRaw, rawPictureOf } from './raw.ts';
import { blocksOf } from './tiff-blocks.ts';
import { type Directories, readDirectories } from './tiff-directories.ts';
import { extentOf } from './tiff-extent.ts';
import { describePicture } from './tiff-picture.ts';

export const readTiff: HeaderReader = (bytes, header) => {
  const tiff = open(bytes);
  const order = tiff.littleEndian ? 'little-endian' : 'big-endian';
  header.encoding.byteOrder = order;
  header.encoding.process = tiff.isBig ? `${order}-bigtiff` : order;
  if (tiff.isBig) header.formatVersion = 'BigTIFF';
  const directories = readDirectories(tiff);
  if (directories === undefined) {
    bytes.need(tiff.firstIfd, tiff.isBig ? 8 : 2);
    throw new Error('the first directory lies in the header');
  }
  describeFile(tiff, directories, header);
};

function open(bytes: Bytes): Tiff {
  const tiff = openTiff(bytes);
  if (tiff !== undefined) return tiff;
  if (bytes.length < 16) throw new EndOfBytes(`a TIFF of ${bytes.length} bytes`);
  throw new Error('neither TIFF nor BigTIFF');
}

function describeFile(tiff: Tiff, directories: Directories, header: Header): void {
  const { chain, walk } = directories;
  const [ifd0] = chain;
  const raw = rawPictureOf(tiff, directories);
  const picture = raw?.picture ?? ifd0;
  header.blocks = blocksOf(tiff, picture === ifd0 ? [ifd0] : [ifd0, picture]);
  header.image.orientation = orientationOf(tiff, ifd0);
  const density = densityOf(tiff, ifd0);
  if (density !== undefined) header.image.density = { ...density, unit: 'inch', source: 'tiff' };
  describePicture(tiff, picture, header);
  if (raw !== undefined) describeRaw(tiff, directories, raw, header);
  else if (tiff.isBig) header.mimeType = 'image/x-tiff-big';
  describePages(directories, header);

  const { end, truncated } = extentOf(walk, [...chain, ...directories.subs, ...directories.others]);
  if (truncated) header.truncated = true;
  // Makers keep more than the standard's tags point to, and what follows upon a loop was not seen.
  if (raw === undefined && !directories.loops && end !== undefined) header.end = end;
}

function describePages({ chain, loops, walk }: Directories, header: Header): void {
  if (walk.limited) header.warnings.push(walkLimit('directories or tags'));
  if (loops) header.warnings.push(malformed('The last page is followed by an earlier one.'));
  if (!walk.limited) header.image.pages ??= chain.length;
}
