// The picture: size as stored and as displayed, samples, coding, compression, colour, motion.
import { Type } from 'typebox';
import { count, flag, integer, number, oneOf, opt, text } from './field.ts';

const px = { unit: 'px', source: 'header' };
const header = { source: 'header' };

const Density = Type.Object({
  x: number('Horizontal.', { unit: 'px/in' }),
  y: number('Vertical.', { unit: 'px/in' }),
  unit: Type.Literal('inch'),
  source: text('Where the file says so: exif, jfif, tiff, png, bmp, jp2, exr, pcx, photoshop.'),
});

const Transform = Type.Object(
  {
    rotate: opt(integer('Anticlockwise, 90, 180 or 270.', { unit: '°', source: 'header' })),
    mirror: opt(
      oneOf(['horizontal', 'vertical'], 'Left and right, or top and bottom, change places.', header),
    ),
    crop: opt(
      Type.Object({
        left: number('From the left of the stored picture.', px),
        top: number('From the top of the stored picture.', px),
        width: number('Width of what is shown.', px),
        height: number('Height of what is shown.', px),
      }),
    ),
  },
  {
    description:
      'What the container wants done before display (HEIF irot, imir, clap); already in width and height.',
  },
);

export const ImageSection = Type.Object({
  width: opt(count('As displayed, after orientation and transform.', px)),
  height: opt(count('As displayed, after orientation and transform.', px)),
  displayWidth: opt(count('The same as width, by its unmistakable name.', px)),
  displayHeight: opt(count('The same as height, by its unmistakable name.', px)),
  storedWidth: opt(count('As stored.', px)),
  storedHeight: opt(count('As stored.', px)),
  orientation: opt(integer('EXIF orientation.', { minimum: 1, maximum: 8, source: 'exif' })),
  transform: opt(Transform),
  aspectRatio: opt(number('Displayed width over height.', header)),
  megapixels: opt(number('Displayed pixels.', { unit: 'Mpx', source: 'header' })),
  bitDepth: opt(integer('Bits of one sample; of a palette index.', { unit: 'bit', source: 'header' })),
  channels: opt(count('Samples of one pixel as stored; a palette is 1.', header)),
  hasAlpha: opt(flag('The file can say that pixels are transparent.', header)),
  isOpaque: opt(flag('No pixel is transparent.', { source: 'pixels' })),
  density: opt(Density),
  pages: opt(count('Pages, frames or pictures.', header)),
});

export const EncodingSection = Type.Object({
  codec: opt(
    text(
      'What codes the pixels: jpeg, jpeg-ls, jpeg2000, jxl, png, gif, vp8, vp8l, av1, hevc, …; of simple formats their own name: bmp, psd, tga, …; of a TIFF only where its strips are pictures of another format',
      header,
    ),
  ),
  process: opt(
    text(
      'How. JPEG: baseline, progressive, extended-sequential, lossless, near-lossless, hierarchical, …-arithmetic; PNG: non-interlaced, adam7; GIF: 87a, 89a; WebP: lossy, lossless, mixed; JPEG XL, JPEG 2000: codestream, container; TIFF: little-endian, big-endian, …-bigtiff; PNM: plain, raw; OpenEXR: scanline, tiled, multi-part, deep-…',
      header,
    ),
  ),
  progressive: opt(flag('Shows coarse before fine.', header)),
  interlaced: opt(flag('Rows are not stored from top to bottom.', header)),
  chromaSubsampling: opt(text('4:4:4, 4:2:2, 4:2:0, 4:0:0, …', header)),
  qualityEstimate: opt(
    integer('JPEG quality on the scale of libjpeg.', { minimum: 1, maximum: 100, source: 'header' }),
  ),
  profile: opt(
    text(
      'Of the codec: Main, High, Professional, HTJ2K, …; WebP: 0 to 3; Radiance HDR: rgbe, xyze; TIFF: float.',
      header,
    ),
  ),
  level: opt(text('Of the codec: 4.1, …', header)),
  byteOrder: opt(oneOf(['little-endian', 'big-endian'], 'Of numbers in the file.', header)),
  tiling: opt(Type.Object({ width: count('Of a tile.', px), height: count('Of a tile.', px) })),
});

export const CompressionSection = Type.Object({
  method: opt(
    text(
      'none, jpeg, jpeg-old, jpeg-ls, jpeg2000, jxl, deflate, brotli, lzw, packbits, ccitt-rle, ccitt-t4, ccitt-t6, zstd, png, webp, vp8, vp8l, av1, hevc, rle, rle4, rle8, rle24, bc1 to bc7, zip, piz, dwaa, …; what only a maker of cameras knows, by the format: arw, crx, nef, orf, pef, raf, rw2, srw.',
      header,
    ),
  ),
  lossless: opt(flag('Pixels come out as they went in.', header)),
  predictor: opt(text('none, horizontal, floating-point.', header)),
  filter: opt(text('PNG rows: adaptive; JPEG 2000 wavelets: 5-3, 9-7.', header)),
  ratio: opt(number('Uncompressed bytes over file bytes.', header)),
  bitsPerPixel: opt(number('File bits over stored pixels.', { unit: 'bit/px', source: 'header' })),
});

export const ColorSection = Type.Object({
  model: opt(
    text(
      'gray, rgb, ycbcr, cmyk, ycck, lab, xyz, xyb, indexed; inks, duotone, multichannel; of sensors cfa, linear-raw; …',
      header,
    ),
  ),
  space: opt(
    text('srgb, display-p3, adobe-rgb, prophoto-rgb, bt709, bt2020, …, where the file says so.', header),
  ),
  transfer: opt(
    text(
      'Words for ITU-T H.273: srgb, bt709, linear, pq, hlg, …; by its exponent alone: gamma-2.2, …',
      header,
    ),
  ),
  primaries: opt(
    text('Words for ITU-T H.273: bt709, bt2020, display-p3, …; adobe-rgb, aces-ap0, aces-ap1.', header),
  ),
  matrix: opt(text('Words for ITU-T H.273: identity, bt601, bt709, bt2020-ncl, …', header)),
  range: opt(oneOf(['full', 'limited'], 'Of the samples.', header)),
  palette: opt(Type.Object({ size: count('Colours.', header) })),
  background: opt(text('#rrggbb or #rrggbbaa.', header)),
  hdr: opt(
    Type.Object({
      gainMap: opt(flag('A second picture tells how bright the first may get.', { source: 'header, xmp' })),
      standard: opt(text('pq, hlg, ultra-hdr-1, iso-21496-1, apple-gain-map, …', header)),
    }),
  ),
});

export const AnimationSection = Type.Object({
  frames: count('Frames.', header),
  loopCount: opt(count('Times it plays; 0 is for ever.', header)),
  durationMs: opt(number('Sum of the delays as written.', { unit: 'ms', source: 'header' })),
  playedDurationMs: opt(number('Sum of the delays as browsers play them.', { unit: 'ms', source: 'header' })),
  delaysMs: opt(
    Type.Array(Type.Number(), { maxItems: 1000, description: 'Of the first frames.', 'x-unit': 'ms' }),
  ),
  disposal: opt(
    Type.Array(Type.String(), {
      description: 'The ways in which frames make room for the next: none, background, previous.',
    }),
  ),
});
