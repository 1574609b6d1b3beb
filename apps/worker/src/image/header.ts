// What a format's header reader finds out: the sections of the document that a header can fill, and where the blocks of tags are.
import type { ImageFormat, Metadata, MetadataWarning } from '@tintype/core/contract';
import type { Bytes } from './bytes.ts';

/** Sections as a reader fills them in: anything may be missing. */
type Draft<Section> = { -readonly [Key in keyof Section]?: Section[Key] | undefined };

/** Everything about the picture that stands in the header. Displayed size, ratio and the like are worked out later. */
export type HeaderImage = Draft<
  Pick<
    Metadata['image'],
    | 'storedWidth'
    | 'storedHeight'
    | 'orientation'
    | 'transform'
    | 'bitDepth'
    | 'channels'
    | 'hasAlpha'
    | 'density'
    | 'pages'
  >
> & {
  /** Where the format itself tells another displayed size than orientation and transform give. */
  displayWidth?: number | undefined;
  displayHeight?: number | undefined;
};

/** Blocks that are read by the readers in tags/, still as bytes. */
export interface Blocks {
  /** A TIFF stream that begins with II or MM; in a TIFF the file itself. */
  exif?: Uint8Array;
  /** TIFF streams whose first directory holds Exif or GPS tags, where no pointer in `exif` leads to them (CR3). */
  exifParts?: Uint8Array[];
  /** XMP packets in UTF-8 (or with a byte-order mark), the main one first. */
  xmp?: Uint8Array[];
  /** IPTC-IIM records, without any Photoshop wrapping. */
  iptc?: Uint8Array;
  /** Photoshop image resources (8BIM…), as in JPEG APP13, TIFF tag 34377 and PSD. */
  photoshop?: Uint8Array;
  icc?: Uint8Array;
  /** A C2PA manifest store (JUMBF). */
  c2pa?: Uint8Array;
  /** Texts of the format itself (PNG tEXt, GIF and JPEG comments): keyword, value. */
  texts?: [string, string][];
}

export interface Header {
  /** What the file really is, where its first bytes could not tell: a DNG or NEF among TIFFs. */
  format?: ImageFormat;
  /** More exact than the format's own, where there is a variant: image/x-j2c, image/apng, image/x-cursor. */
  mimeType?: string;
  /** Version or variant that the format states. */
  formatVersion?: string;
  image: HeaderImage;
  encoding: Draft<Metadata['encoding']>;
  compression: Draft<Pick<Metadata['compression'], 'method' | 'lossless' | 'predictor' | 'filter'>>;
  color: Draft<Metadata['color']>;
  animation?: NonNullable<Metadata['animation']>;
  blocks: Blocks;
  /** Offset behind the last byte that belongs to the image; undefined where the reader did not get there. */
  end?: number;
  /** The image is not all there. */
  truncated?: boolean;
  warnings: MetadataWarning[];
}

/**
 * Fills in what it finds, in the order it finds it. May throw EndOfBytes at any point: what stands in `header` by then is kept and
 * the header counts as truncated. Any other error means a malformed header, and keeps as much.
 */
export type HeaderReader = (bytes: Bytes, header: Header) => void;

export function emptyHeader(): Header {
  return { image: {}, encoding: {}, compression: {}, color: {}, blocks: {}, warnings: [] };
}

/** Most chunks, boxes, segments or directories that any reader looks at; a file with more is described so far. */
export const MAX_STEPS = 1000;

/** A walk was stopped at a limit. */
export function walkLimit(what: string): MetadataWarning {
  return {
    code: 'WALK_LIMIT',
    message: `The file has too many ${what}: the rest was not looked at.`,
    field: 'file',
  };
}

/** A text, or a block of tags, is longer than anybody reads. */
export function textLimit(field: string): MetadataWarning {
  return {
    code: 'TEXT_LIMIT',
    message: 'A text or a profile in the file is too long: it was not read.',
    field,
  };
}

/** A part that is there and breaks the rules of its format. */
export function malformed(message: string, field = 'file'): MetadataWarning {
  return { code: 'HEADER_MALFORMED', message, field };
}

/** A file of a thousand bad chunks gets one warning, not a thousand. */
export function warnOnce({ warnings }: Header, warning: MetadataWarning): void {
  if (warnings.every(({ message }) => message !== warning.message)) warnings.push(warning);
}

/** The image ends there, or would if the file were not cut before. */
export function endAt(header: Header, bytes: Bytes, end: number): void {
  if (end > bytes.length) header.truncated = true;
  else header.end = end;
}
