// Bytes in, document out. The steps, in order; each in a file of its own, none does any I/O.
import { AppError, type ImageFormat, type Metadata, SCHEMA_VERSION } from '@tintype/core/contract';
import { crossCheck } from './cross-check.ts';
import { describeColor } from './describe-color.ts';
import { describeCompression } from './describe-compression.ts';
import { describeFile } from './describe-file.ts';
import { describeImage } from './describe-image.ts';
import { describePrivacy } from './describe-privacy.ts';
import { describeProvenance } from './describe-provenance.ts';
import type { FileFacts, InspectOptions } from './file-facts.ts';
import type { Header } from './header.ts';
import { known } from './known.ts';
import { type PixelReading, readPixels } from './pixels/read-pixels.ts';
import { RAW_FORMATS } from './raw-formats.ts';
import { readHeader } from './read-header.ts';
import { readTags, type TagReading } from './read-tags.ts';
import { readSizeBySharp, SHARP_VERSIONS } from './sharp-header.ts';
import { sourcesOf } from './sources.ts';
import { withoutNul } from './without-nul.ts';

/** Grows whenever the same file would be described differently. */
export const EXTRACTOR_VERSION = '0.2.0';

/** @param body the file, or as much of its beginning as holds the header @throws AppError IMAGE_UNREADABLE */
export async function inspect(
  body: Uint8Array,
  facts: FileFacts,
  options: InspectOptions,
): Promise<Metadata> {
  const isWhole = body.length === facts.bytes;
  const header = readHeader(body, facts.format, isWhole);
  const sizedBySharp = !hasSize(header) && (await readSizeBySharp(body, facts.format, header));
  const tags = readTags(header);
  if (!hasSize(header) && !hasTags(tags) && !MAY_HAVE_NO_SIZE.has(facts.format))
    throw new AppError('IMAGE_UNREADABLE');
  const image = describeImage(header, header.format ?? facts.format, tags);
  const pixels = await readPixelsIfWanted(body, { facts, header, image }, options);
  return assemble({ body, facts, options, header, tags, image, pixels, sizedBySharp });
}

/** Vector graphics, cameras' own formats, of which only ExifTool knows the whole, and FITS with its pictures in extensions. */
const MAY_HAVE_NO_SIZE: ReadonlySet<ImageFormat> = new Set([...RAW_FORMATS, 'svg', 'eps', 'icns', 'fits']);

/** One side is something to say: there are files whose other side is 0, or comes behind where they are cut. */
function hasSize({ image }: Header): boolean {
  return image.storedWidth !== undefined || image.storedHeight !== undefined;
}

/** A file that is cut before its picture, or was made for its tags alone, still has them to tell. */
function hasTags({ exif, iptc, xmp }: TagReading): boolean {
  return [exif.exif, exif.gps, iptc.iptc, xmp.xmp].some((section) => section !== null);
}

const NOT_WANTED: PixelReading = { state: 'skipped', facts: {}, warnings: [] };

async function readPixelsIfWanted(
  body: Uint8Array,
  { facts, header, image }: { facts: FileFacts; header: Header; image: Metadata['image'] },
  { pixels, stats, limits }: InspectOptions,
): Promise<PixelReading> {
  if (!pixels || body.length !== facts.bytes) return NOT_WANTED;
  const { storedWidth: width, storedHeight: height, orientation } = image;
  const about = known({
    format: header.format ?? facts.format,
    width,
    height,
    orientation,
    isLossless: header.compression.lossless,
    chromaSubsampling: header.encoding.chromaSubsampling,
    tile: header.encoding.tiling,
  });
  return readPixels(body, about, { limits, stats });
}

interface Findings {
  body: Uint8Array;
  facts: FileFacts;
  options: InspectOptions;
  header: Header;
  tags: TagReading;
  image: Metadata['image'];
  pixels: PixelReading;
  sizedBySharp: boolean;
}

function assemble({ body, facts, options, header, tags, image, pixels, sizedBySharp }: Findings): Metadata {
  const { file, warnings } = describeFile(facts, header, body);
  const gps = tags.exif.gps ?? tags.xmp.gps ?? null;
  const { isOpaque, phash, dhash, ...pixelFacts } = pixels.facts;
  return withoutNul(
    known({
      schemaVersion: SCHEMA_VERSION,
      extractorVersion: EXTRACTOR_VERSION,
      profile: 'fast' as const,
      extractedAt: new Date().toISOString(),
      tools:
        options.pixels || sizedBySharp
          ? { tintype: EXTRACTOR_VERSION, ...SHARP_VERSIONS }
          : { tintype: EXTRACTOR_VERSION },
      file,
      image: known({ ...image, isOpaque }),
      encoding: known(header.encoding),
      compression: describeCompression(header, facts.bytes),
      color: describeColor(header, tags),
      icc: tags.icc.icc,
      animation: header.animation ?? null,
      has: {
        exif: tags.exif.exif !== null,
        gps: gps?.latitude !== undefined,
        iptc: tags.iptc.iptc !== null,
        xmp: tags.xmp.xmp !== null,
        icc: tags.icc.icc !== null,
        thumbnail: tags.exif.thumbnail !== undefined || tags.photoshop.thumbnail !== undefined,
      },
      exif: tags.exif.exif,
      gps,
      iptc: tags.iptc.iptc,
      xmp: tags.xmp.xmp,
      provenance: describeProvenance(header, tags),
      privacy: describePrivacy(image, tags, gps),
      hashes: known({ sha256: facts.sha256Hex, phash, dhash }),
      ...pixelFacts,
      sections: {
        header: header.warnings.some(({ code }) => code === 'HEADER_MALFORMED')
          ? ('failed' as const)
          : ('ok' as const),
        ...tags.states,
        gps: gps === null ? ('absent' as const) : ('ok' as const),
        pixels: pixels.state,
      },
      warnings: [
        ...warnings,
        ...header.warnings,
        ...tags.warnings,
        ...pixels.warnings,
        ...crossCheck(image, file.format as ImageFormat, pixels),
      ],
      sources: sourcesOf({ header, tags, pixels, image, sizedBySharp }),
    }),
  );
}
