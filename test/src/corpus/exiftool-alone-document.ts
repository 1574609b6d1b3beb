// What ExifTool says of one file, in the shape of the document.
import { CODING } from './exiftool-alone-coding.ts';
import { type Coding, has, named, numberOf, numbersOf, type Tags, tagOf } from './exiftool-alone-tags.ts';

/** The words of ExifTool for formats that have another here. */
const FORMATS: readonly (readonly [words: RegExp, format: string])[] = [
  [/webp/i, 'webp'],
  [/^jxl/i, 'jxl'],
  [/^(tiff|btf)$/i, 'tiff'],
];
const EXIF_NAMES = [
  'Make',
  'Model',
  'Software',
  'Artist',
  'Copyright',
  'LensModel',
  'DateTimeOriginal',
  'ExposureTime',
  'FNumber',
  'ISO',
  'FocalLength',
];
/** Where the size of the picture as stored stands, the container's own word first. */
const SIZE_GROUPS = ['File', 'PNG', 'GIF', 'RIFF', 'Photoshop', 'Jpeg2000', 'SVG', 'IFD0'];

interface DensityTags {
  value: string;
  unit?: string;
  /** Where no unit is stated. */
  impliedUnit?: number;
  /** Of each unit, what makes pixels per inch of it. */
  toInch: Readonly<Record<number, number>>;
}
const JP2_TO_INCH = { 0: 0.0254, 1: 0.254, 2: 2.54, 3: 25.4, 4: 254, 5: 2540, 6: 25_400 };
/** The first that has a value and a unit of length is taken. */
const DENSITIES: readonly DensityTags[] = [
  { value: 'PNG-pHYs:PixelsPerUnitX', unit: 'PNG-pHYs:PixelUnits', toInch: { 1: 0.0254 } },
  { value: 'JFIF:XResolution', unit: 'JFIF:ResolutionUnit', toInch: { 1: 1, 2: 2.54 } },
  {
    value: 'IFD0:XResolution',
    unit: 'IFD0:ResolutionUnit',
    impliedUnit: 2,
    toInch: { 2: 1, 3: 2.54 },
  },
  { value: 'Photoshop:XResolution', impliedUnit: 1, toInch: { 1: 1 } },
  { value: 'File:PixelsPerMeterX', impliedUnit: 1, toInch: { 1: 0.0254 } },
  { value: 'Jpeg2000:CaptureXResolution', unit: 'Jpeg2000:CaptureXResolutionUnit', toInch: JP2_TO_INCH },
  { value: 'Jpeg2000:DisplayXResolution', unit: 'Jpeg2000:DisplayXResolutionUnit', toInch: JP2_TO_INCH },
];

function formatOf(type: string): string {
  return FORMATS.find(([words]) => words.test(type))?.[1] ?? type.toLowerCase();
}

function densityOf(tags: Tags): { x: number } | undefined {
  for (const { value, unit = '', impliedUnit, toInch } of DENSITIES) {
    const density = numberOf(tags, value);
    const factor = named(toInch, numberOf(tags, unit) ?? impliedUnit);
    if (density && factor) return { x: density * factor };
  }
  return undefined;
}

/** Stored and as displayed: after CleanAperture and Rotation of HEIF, which leave nothing to EXIF, or after EXIF's orientation. */
function sizesOf(tags: Tags): object {
  const [compositeWidth, compositeHeight] = numbersOf(tags, 'Composite:ImageSize');
  const width = numberOf(tags, ...SIZE_GROUPS.map((group) => `${group}:ImageWidth`)) ?? compositeWidth;
  const height = numberOf(tags, ...SIZE_GROUPS.map((group) => `${group}:ImageHeight`)) ?? compositeHeight;
  const isHeif = has(tags, /^Meta:PrimaryItemReference$/);
  const [cleanWidth = width, cleanHeight = height] = numbersOf(tags, 'QuickTime:CleanAperture');
  const isTurned = isHeif
    ? (numberOf(tags, 'QuickTime:Rotation') ?? 0) % 2 === 1
    : (numberOf(tags, 'IFD0:Orientation') ?? 1) >= 5;
  return {
    storedWidth: width,
    storedHeight: height,
    displayWidth: isTurned ? cleanHeight : cleanWidth,
    displayHeight: isTurned ? cleanWidth : cleanHeight,
  };
}

/** Stated where there may be several, but not of WebP and AVIF sequences; otherwise there is one. */
function pagesOf(tags: Tags): number | undefined {
  const stated = numberOf(tags, 'GIF:FrameCount', 'PNG:AnimationFrames', 'File:PageCount', 'File:ImageCount');
  const isSequence = has(tags, /^(RIFF:AnimationLoopCount|Track1:MediaDuration)$/);
  return stated ?? (isSequence ? undefined : 1);
}

function animationOf(tags: Tags): object {
  const seconds = numberOf(tags, 'GIF:Duration', 'RIFF:Duration', 'Track1:MediaDuration');
  return {
    frames: pagesOf(tags),
    loopCount: numberOf(tags, 'GIF:AnimationIterations', 'PNG:AnimationPlays', 'RIFF:AnimationLoopCount'),
    durationMs: seconds === undefined ? undefined : seconds * 1000,
  };
}

function embeddedOf(tags: Tags): object {
  const exif = EXIF_NAMES.map((name) => [name, tagOf(tags, `ExifIFD:${name}`, `IFD0:${name}`)] as const);
  return {
    icc: has(tags, /^ICC/) ? { present: true, description: tags['ICC_Profile:ProfileDescription'] } : null,
    exif: has(tags, /^(IFD0|ExifIFD):/)
      ? { present: true, ...Object.fromEntries(exif), ISO: numberOf(tags, 'ExifIFD:ISO', 'IFD0:ISO') }
      : null,
    xmp: has(tags, /^XMP/) ? { present: true } : null,
    iptc: has(tags, /^IPTC/) ? { present: true } : null,
    has: { thumbnail: has(tags, /:(ThumbnailImage|PhotoshopThumbnail)$/) },
    // Composite: with its sign, which stands in a tag of its own in EXIF.
    gps: {
      latitude: tagOf(tags, 'Composite:GPSLatitude', 'XMP-exif:GPSLatitude'),
      longitude: tagOf(tags, 'Composite:GPSLongitude', 'XMP-exif:GPSLongitude'),
    },
  };
}

export function describeTags(tags: Tags): object {
  const format = formatOf(String(tags['File:FileType'] ?? ''));
  const coding: Coding = CODING[format]?.(tags) ?? {};
  return {
    file: { format, mimeType: tags['File:MIMEType'] },
    image: {
      ...sizesOf(tags),
      bitDepth: coding.bitDepth,
      channels: coding.channels,
      hasAlpha: coding.hasAlpha,
      orientation: tags['IFD0:Orientation'],
      density: densityOf(tags),
    },
    encoding: {
      process: coding.process,
      chromaSubsampling: coding.chromaSubsampling,
      qualityEstimate: tags['File:JPEGQualityEstimate'],
    },
    compression: { method: coding.method, lossless: coding.lossless },
    color: { model: coding.model },
    animation: animationOf(tags),
    ...embeddedOf(tags),
  };
}
