// Small files to send: real pictures, and such as only look like it.
import sharp from 'sharp';

/** What the service under test takes: little, so that too much is quickly sent. */
export const MAX_UPLOAD_BYTES = 200_000;

export interface Pictures {
  real: readonly Buffer[];
  broken: readonly Buffer[];
}

export async function makePictures(): Promise<Pictures> {
  const plain = sharp({ create: { width: 8, height: 5, channels: 3, background: '#3a7' } });
  const real = await Promise.all([
    plain.clone().png().toBuffer(),
    plain.clone().jpeg().toBuffer(),
    plain.clone().webp().toBuffer(),
    plain.clone().gif().toBuffer(),
    plain.clone().tiff().toBuffer(),
    plain
      .clone()
      .withExif({ IFD0: { ImageDescription: '\u202e{{7*7}}' } })
      .jpeg()
      .toBuffer(),
  ]);
  const halves = real.map((bytes) => bytes.subarray(0, bytes.length / 2));
  const heads = real.map((bytes) => bytes.subarray(0, 12));
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="1e9" height="1e9"><image href="file:///etc/passwd"/></svg>';
  const broken = [
    ...halves,
    ...heads,
    Buffer.alloc(0),
    Buffer.alloc(1),
    Buffer.alloc(4096),
    Buffer.from('no picture'),
    Buffer.from(svg),
    Buffer.from('<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "aaaa">]><svg>&a;</svg>'),
    Buffer.from('%PDF-1.7\n'),
    Buffer.from('PK\x03\x04'),
    Buffer.concat([real[0] ?? Buffer.alloc(0), Buffer.alloc(MAX_UPLOAD_BYTES)]),
    Buffer.concat([real[0] ?? Buffer.alloc(0), Buffer.alloc(3 * MAX_UPLOAD_BYTES)]),
  ];
  return { real, broken };
}
