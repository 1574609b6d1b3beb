// The header of a file by the reader of its format. Whatever a reader trips over, what it found out before stays.
import type { ImageFormat } from '@tintype/core/contract';
import { Bytes, EndOfBytes } from './bytes.ts';
import { readBmp } from './formats/bmp.ts';
import { readCrw } from './formats/crw.ts';
import { readDds } from './formats/dds.ts';
import { readDpx } from './formats/dpx.ts';
import { readEps } from './formats/eps.ts';
import { readExr } from './formats/exr.ts';
import { readFits } from './formats/fits.ts';
import { readGif } from './formats/gif/gif.ts';
import { readHdr } from './formats/hdr.ts';
import { readCr3 } from './formats/heif/cr3.ts';
import { readHeif } from './formats/heif/heif.ts';
import { readIcns } from './formats/icns.ts';
import { readIco } from './formats/ico.ts';
import { readJng } from './formats/jng.ts';
import { readJp2 } from './formats/jp2/jp2.ts';
import { readJpeg } from './formats/jpeg/jpeg.ts';
import { readJxl } from './formats/jxl/jxl.ts';
import { readJxr } from './formats/jxr.ts';
import { readMrw } from './formats/mrw.ts';
import { readPcx } from './formats/pcx.ts';
import { readPng } from './formats/png/png.ts';
import { readPnm } from './formats/pnm.ts';
import { readPsd } from './formats/psd.ts';
import { readQoi } from './formats/qoi.ts';
import { readSvg } from './formats/svg.ts';
import { readTga } from './formats/tga.ts';
import { readRaf } from './formats/tiff/raf.ts';
import { readTiff } from './formats/tiff/tiff.ts';
import { readWebp } from './formats/webp/webp.ts';
import { readX3f } from './formats/x3f.ts';
import { readXcf } from './formats/xcf.ts';
import { emptyHeader, type Header, type HeaderReader, malformed } from './header.ts';

/** Adding a format: its signature in core's sniff.ts, its names in core's formats.ts, its reader here. */
export const HEADER_READERS: Readonly<Record<ImageFormat, HeaderReader>> = {
  jpeg: readJpeg,
  png: readPng,
  webp: readWebp,
  gif: readGif,
  tiff: readTiff,
  avif: readHeif,
  heic: readHeif,
  jxl: readJxl,
  bmp: readBmp,
  ico: readIco,
  psd: readPsd,
  jp2: readJp2,
  svg: readSvg,
  ppm: readPnm,
  pfm: readPnm,
  qoi: readQoi,
  dds: readDds,
  tga: readTga,
  exr: readExr,
  hdr: readHdr,
  pcx: readPcx,
  icns: readIcns,
  eps: readEps,
  dng: readTiff,
  nef: readTiff,
  arw: readTiff,
  pef: readTiff,
  srw: readTiff,
  cr2: readTiff,
  orf: readTiff,
  rw2: readTiff,
  raf: readRaf,
  crw: readCrw,
  mrw: readMrw,
  x3f: readX3f,
  jxr: readJxr,
  xcf: readXcf,
  fits: readFits,
  dpx: readDpx,
  jng: readJng,
  cr3: readCr3,
};

/** @param isWhole false: only the beginning of the file is here, and its end says nothing about the file */
export function readHeader(bytes: Uint8Array, format: ImageFormat, isWhole = true): Header {
  const header = emptyHeader();
  try {
    HEADER_READERS[format](new Bytes(bytes), header);
  } catch (error) {
    if (!(error instanceof EndOfBytes))
      header.warnings.push(malformed(`The header can not be read further: ${(error as Error).message}`));
    else if (isWhole) header.truncated = true;
  }
  dropImpossible(header);
  if (!isWhole) {
    delete header.truncated;
    delete header.end;
  }
  return header;
}

const COUNTS = [
  'storedWidth',
  'storedHeight',
  'displayWidth',
  'displayHeight',
  'bitDepth',
  'channels',
  'pages',
] as const;

/** A header can hold -5 or 2.5 where only a whole number makes sense. */
function dropImpossible({ image, warnings }: Header): void {
  for (const name of COUNTS) {
    const value = image[name];
    if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) continue;
    delete image[name];
    warnings.push(malformed(`The header says ${value}, which can not be.`, `image.${name}`));
  }
}
