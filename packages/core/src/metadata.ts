// The metadata document: what is said about an image, with its units. One schema for the worker's types and the API's documents.
// Absent means not known: there is never an invented default.
import { type Static, type TSchema, Type } from 'typebox';

const opt = <Schema extends TSchema>(schema: Schema) => Type.Optional(schema);
const count = (description: string) => Type.Integer({ minimum: 0, description });
const note = (description: string) => Type.String({ description });

const File = Type.Object({
  name: opt(note('Name given at upload.')),
  bytes: count('Size of the file.'),
  extension: opt(note('Extension of the name, lower case, without the dot.')),
  declaredMimeType: opt(note('Media type that the client declared.')),
  format: note('Format by content: jpeg, png, webp, …'),
  mimeType: note('Media type by content.'),
  extensionMatches: opt(Type.Boolean({ description: 'Whether the extension is one of the format.' })),
  mimeMatches: opt(
    Type.Boolean({ description: 'Whether the declared media type is the one of the format.' }),
  ),
});

const Density = Type.Object({
  x: Type.Number({ description: 'Horizontal, pixels per inch.' }),
  y: Type.Number({ description: 'Vertical, pixels per inch.' }),
  unit: Type.Literal('inch'),
  source: note('Where the file says so: exif, jfif, png.'),
});

const ImageFacts = Type.Object({
  width: opt(count('As displayed, after orientation; pixels.')),
  height: opt(count('As displayed, after orientation; pixels.')),
  storedWidth: opt(count('As stored; pixels.')),
  storedHeight: opt(count('As stored; pixels.')),
  orientation: opt(Type.Integer({ minimum: 1, maximum: 8, description: 'EXIF orientation.' })),
  aspectRatio: opt(Type.Number({ description: 'Displayed width over height.' })),
  megapixels: opt(Type.Number()),
  bitDepth: opt(Type.Integer({ description: 'Bits of one sample.' })),
  channels: opt(Type.Integer({ description: 'Channels after decoding.' })),
  hasAlpha: opt(Type.Boolean()),
  density: opt(Density),
  pages: opt(Type.Integer({ minimum: 1, description: 'Pages or frames.' })),
});

const Animation = Type.Object({
  frames: count('Frames.'),
  loopCount: opt(count('0 means for ever.')),
  durationMs: opt(count('Sum of the delays, milliseconds.')),
  delaysMs: opt(Type.Array(Type.Integer(), { maxItems: 1000 })),
});

const Warning = Type.Object({
  code: note('Stable: NOT_DECODED, TAGS_UNREADABLE, EXTENSION_MISMATCH, MIME_MISMATCH.'),
  message: Type.String(),
  field: opt(Type.String()),
});

const nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const tags = (description: string) => Type.Record(Type.String(), Type.Unknown(), { description });

export const Metadata = Type.Object(
  {
    schemaVersion: Type.Integer(),
    extractorVersion: Type.String(),
    profile: Type.Literal('fast'),
    extractedAt: Type.String({ format: 'date-time' }),
    tools: Type.Record(Type.String(), Type.String(), { description: 'Name and version of each tool.' }),
    file: File,
    image: ImageFacts,
    encoding: Type.Object({
      codec: opt(note('What compresses the pixels: jpeg, png, av1, hevc, …')),
      progressive: opt(Type.Boolean({ description: 'Progressive or interlaced.' })),
    }),
    compression: Type.Object({
      method: opt(note('jpeg, deflate, lzw, av1, hevc, jpeg2000, jxl, …')),
      lossless: opt(Type.Boolean()),
      ratio: opt(Type.Number({ description: 'Uncompressed bytes over file bytes.' })),
      bitsPerPixel: opt(Type.Number()),
    }),
    color: Type.Object({
      space: opt(note('Of the decoded pixels: srgb, b-w, cmyk, rgb16, …')),
      paletteSize: opt(Type.Integer()),
    }),
    icc: nullable(Type.Object({ description: opt(Type.String()), bytes: count('Size of the profile.') })),
    animation: nullable(Animation),
    exif: nullable(tags('EXIF tags by their standard names; numbers in the units of EXIF 3.0.')),
    gps: nullable(
      Type.Object({
        latitude: Type.Number({ description: 'Degrees, north is positive.' }),
        longitude: Type.Number({ description: 'Degrees, east is positive.' }),
        altitude: opt(Type.Number({ description: 'Metres above sea level.' })),
      }),
    ),
    hashes: Type.Object({ sha256: note('Of the file, hexadecimal.') }),
    warnings: Type.Array(Warning),
  },
  { $id: 'Metadata', description: 'Everything the file says about itself. Absent means not known.' },
);

export type Metadata = Static<typeof Metadata>;
export type MetadataWarning = Static<typeof Warning>;
