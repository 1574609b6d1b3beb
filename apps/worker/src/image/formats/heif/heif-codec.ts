// Codecs of pictures in HEIF, by the type of an item or a sample entry, and who reads the configuration of each.
import { Bytes, EndOfBytes } from '../../bytes.ts';
import { emptyHeader, type HeaderReader } from '../../header.ts';
import type { Box } from '../boxes.ts';
import { readJp2 } from '../jp2/jp2.ts';
import { readJpeg } from '../jpeg/jpeg.ts';
import { readAv1 } from './av1-config.ts';
import { readAvc, readVvc } from './avc-vvc-config.ts';
import type { Coding } from './heif-coding.ts';
import { propertyOf } from './heif-properties.ts';
import { readUncompressed } from './heif-uncompressed.ts';
import { readHevc } from './hevc-config.ts';

/** A coded picture, wherever in the file it is told of. */
export interface Picture {
  /** Of the item or the sample entry. */
  type: string;
  properties: readonly Box[];
  /** The first bytes of its data, as many as there are. */
  head: (count: number) => Uint8Array;
}

const CODECS: Partial<Record<string, string>> = {
  av01: 'av1',
  hvc1: 'hevc',
  hev1: 'hevc',
  lhv1: 'hevc',
  avc1: 'avc',
  avc3: 'avc',
  vvc1: 'vvc',
  vvi1: 'vvc',
  evc1: 'evc',
  jpeg: 'jpeg',
  mjpg: 'jpeg',
  j2k1: 'jpeg2000',
  j2ki: 'jpeg2000',
  unci: 'uncompressed',
  uncv: 'uncompressed',
};

export function codecOf(type: string): string | undefined {
  return CODECS[type];
}

/** An AV1 sequence header has some ten bytes. */
const AV1_HEAD_BYTES = 512;
/** Segments before the frame of a JPEG are few inside of HEIF: tags stand in items of their own. */
const NESTED_HEAD_BYTES = 65_536;

/** @param wantsStream whether size or colour, which the container may tell as well, are still to be found */
export function readCoding(bytes: Bytes, picture: Picture, wantsStream: boolean): Coding {
  const { properties, head } = picture;
  switch (codecOf(picture.type)) {
    case 'av1':
      return readAv1(bytes, propertyOf(properties, 'av1C'), () => head(AV1_HEAD_BYTES), wantsStream);
    case 'hevc':
      return readHevc(bytes, propertyOf(properties, 'hvcC'), wantsStream);
    case 'avc':
      return readAvc(bytes, propertyOf(properties, 'avcC'));
    case 'vvc':
      return readVvc(bytes, propertyOf(properties, 'vvcC'));
    case 'uncompressed':
      return readUncompressed(bytes, properties);
    case 'jpeg':
      return readNested(readJpeg, [prefixOf(bytes, properties), head(NESTED_HEAD_BYTES)]);
    case 'jpeg2000':
      return readNested(readJp2, [head(NESTED_HEAD_BYTES)]);
    default:
      return {};
  }
}

/** jpgC: what stands before the data of every JPEG item that shares it (ISO/IEC 23008-12, H.2). */
function prefixOf(bytes: Bytes, properties: readonly Box[]): Uint8Array {
  const box = propertyOf(properties, 'jpgC');
  return box === undefined
    ? new Uint8Array()
    : bytes.upTo(box.body, Math.min(box.end - box.body, NESTED_HEAD_BYTES));
}

/** What the reader of the other format says about the picture; its blocks and its end are not the file's. */
function readNested(read: HeaderReader, parts: Uint8Array[]): Coding {
  const header = emptyHeader();
  try {
    read(new Bytes(Buffer.concat(parts)), header);
  } catch (error) {
    // Only the first bytes are here.
    if (!(error instanceof EndOfBytes)) throw error;
  }
  const { image, encoding, compression, color } = header;
  return {
    bitDepth: image.bitDepth,
    channels: image.channels,
    chromaSubsampling: encoding.chromaSubsampling,
    process: encoding.process,
    lossless: compression.lossless,
    model: color.model,
    width: image.storedWidth,
    height: image.storedHeight,
  };
}
