// Small real images, each one different from all others, and one that ends whatever decodes it.
import { crc32 } from 'node:zlib';
import sharp from 'sharp';

export interface Picture {
  bytes: Buffer;
  fileName: string;
  mimeType: string;
}

export interface Pictures {
  /** A JPEG, PNG or WebP that carries `mark` and is like no other. */
  make(kind: number, mark: string): Picture;
  /** The same, with so many bytes more. */
  makeLarge(mark: string, bytes: number): Picture;
}

/** Makes the pictures all others are copies of. */
export async function preparePictures(): Promise<Pictures> {
  const width = 240;
  const height = 160;
  // Waves: nothing that a decoder could skip, and still only some kilobytes.
  const pixels = Buffer.from(
    Array.from({ length: width * height * 3 }, (_, at) => 128 + 100 * Math.sin(at / 7) * Math.cos(at / 1300)),
  );
  const source = sharp(pixels, { raw: { width, height, channels: 3 } });
  const [jpeg, png, webp] = await Promise.all([
    source.clone().jpeg({ quality: 60 }).toBuffer(),
    source.clone().png({ palette: true, colours: 16 }).toBuffer(),
    source.clone().webp({ quality: 60 }).toBuffer(),
  ]);
  const kinds = [
    (mark: string): Picture => ({
      bytes: markJpeg(jpeg, mark),
      fileName: 'wave.jpg',
      mimeType: 'image/jpeg',
    }),
    (mark: string): Picture => ({
      bytes: markPng(png, Buffer.from(`Comment\0${mark}`), 'tEXt'),
      fileName: 'wave.png',
      mimeType: 'image/png',
    }),
    (mark: string): Picture => ({
      bytes: markWebp(webp, mark),
      fileName: 'wave.webp',
      mimeType: 'image/webp',
    }),
  ];
  return {
    make: (kind, mark) => (kinds[kind % kinds.length] as (mark: string) => Picture)(mark),
    makeLarge: (mark, bytes) => ({
      bytes: markPng(png, Buffer.concat([Buffer.from(mark), Buffer.alloc(bytes)]), 'tnTp'),
      fileName: 'large.png',
      mimeType: 'image/png',
    }),
  };
}

/** JPEG (ITU-T T.81, B.2.4.5): a comment behind SOI. */
function markJpeg(jpeg: Buffer, mark: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(mark.length + 2);
  return Buffer.concat([
    jpeg.subarray(0, 2),
    Buffer.from([0xff, 0xfe]),
    length,
    Buffer.from(mark),
    jpeg.subarray(2),
  ]);
}

/** PNG (third edition, 5.3): a chunk behind IHDR. */
function markPng(png: Buffer, data: Buffer, type: string): Buffer {
  const behindHeader = 33;
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([
    png.subarray(0, behindHeader),
    frame.subarray(0, 4),
    body,
    frame.subarray(4),
    png.subarray(behindHeader),
  ]);
}

/** WebP (RFC 9649, 2.3): an unknown chunk at the end; the container's length grows by it. */
function markWebp(webp: Buffer, mark: string): Buffer {
  const data = Buffer.from(mark.length % 2 === 0 ? mark : `${mark} `);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(data.length);
  const marked = Buffer.concat([webp, Buffer.from('TNTP'), length, data]);
  marked.writeUInt32LE(marked.length - 8, 4);
  return marked;
}
