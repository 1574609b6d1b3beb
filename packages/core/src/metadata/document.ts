// The metadata document: what is said about an image. One schema for the worker's types and the API's documents.
// Absent means not known: there is never an invented default.
import { type Static, Type } from 'typebox';
import { Presets } from '../transform.ts';
import { flag, integer, nullable, oneOf, opt, text } from './field.ts';
import { FileSection } from './file.ts';
import {
  AnimationSection,
  ColorSection,
  CompressionSection,
  EncodingSection,
  ImageSection,
} from './image.ts';
import {
  ExifSection,
  GpsSection,
  HashesSection,
  IccSection,
  IptcSection,
  PlaceholderSection,
  PrivacySection,
  ProvenanceSection,
  StatsSection,
  XmpSection,
} from './tags.ts';
import { WARNING_CODES } from './warnings.ts';

export const PROFILES = ['fast', 'full'] as const;

const Has = Type.Object(
  {
    exif: flag('EXIF tags.'),
    gps: flag('A position.'),
    iptc: flag('IPTC-IIM records.'),
    xmp: flag('An XMP packet.'),
    icc: flag('A colour profile.'),
    thumbnail: flag('An embedded preview.'),
  },
  { description: 'What the file carries, at a glance.' },
);

const SectionState = oneOf(
  ['ok', 'absent', 'failed'],
  'failed: it is there and could not be read; a warning says why.',
);

const Sections = Type.Object(
  {
    header: SectionState,
    exif: SectionState,
    gps: SectionState,
    iptc: SectionState,
    xmp: SectionState,
    icc: SectionState,
    pixels: oneOf(['ok', 'absent', 'failed', 'skipped'], 'skipped: not asked for, or over a limit.'),
  },
  { description: 'One bad part never loses the rest.' },
);

const Warning = Type.Object({
  code: oneOf([...WARNING_CODES], 'Stable; branch on this.'),
  message: Type.String(),
  field: opt(text('Which part of the document it is about.')),
});

export const Metadata = Type.Object(
  {
    schemaVersion: integer('Shape of this document.'),
    extractorVersion: text('Version of what made it.'),
    profile: oneOf([...PROFILES], 'fast: own readers; full: ExifTool as well.'),
    extractedAt: Type.String({ format: 'date-time' }),
    tools: Type.Record(Type.String(), Type.String(), { description: 'Name and version of each tool.' }),
    file: FileSection,
    image: ImageSection,
    encoding: EncodingSection,
    compression: CompressionSection,
    color: ColorSection,
    icc: nullable(IccSection),
    animation: nullable(AnimationSection),
    has: Has,
    exif: nullable(ExifSection),
    gps: nullable(GpsSection),
    iptc: nullable(IptcSection),
    xmp: nullable(XmpSection),
    provenance: ProvenanceSection,
    privacy: PrivacySection,
    hashes: HashesSection,
    placeholder: opt(PlaceholderSection),
    dominantColor: opt(text('#rrggbb.', { source: 'pixels' })),
    palette: opt(
      Type.Array(Type.String(), {
        maxItems: 6,
        description: 'The commonest first, #rrggbb.',
        'x-source': 'pixels',
      }),
    ),
    stats: opt(StatsSection),
    extra: opt(
      Type.Record(Type.String(), Type.Unknown(), {
        description: 'Full profile: maker notes and whatever else ExifTool knows, as Group:Tag.',
        'x-source': 'exiftool',
      }),
    ),
    sections: Sections,
    warnings: Type.Array(Warning),
    sources: Type.Record(Type.String(), Type.String(), {
      description: 'Which tool a part comes from: header, sharp, exiftool, pixels.',
    }),
  },
  { $id: 'Metadata', description: 'Everything the file says about itself. Absent means not known.' },
);

export type Metadata = Static<typeof Metadata>;
export type MetadataWarning = Static<typeof Warning>;
export const ON_DUPLICATE = ['allow', 'flag', 'reject'] as const;
export type OnDuplicate = (typeof ON_DUPLICATE)[number];
export type Profile = (typeof PROFILES)[number];

/** What a job may want of its image; what is not said is as the worker is configured. */
export const JobOptions = Type.Object(
  {
    profile: opt(oneOf([...PROFILES], 'fast: own readers; full: ExifTool as well.')),
    pixels: opt(flag('Hashes, placeholders and colours, for which the image is decoded.')),
    stats: opt(flag('Numbers about the pixels.')),
    onDuplicate: opt(
      oneOf(
        [...ON_DUPLICATE],
        'What to do with an image that looks like one that is there: allow, flag (`duplicateOf` names it) or reject (the job fails).',
      ),
    ),
    derivatives: opt(Presets),
  },
  { additionalProperties: false },
);

export type JobOptions = Static<typeof JobOptions>;
