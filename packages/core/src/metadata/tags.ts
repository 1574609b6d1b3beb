// What programs and cameras wrote into the file: EXIF, GPS, IPTC, XMP, ICC, and what follows from it.
import { Type } from 'typebox';
import { count, flag, integer, number, opt, tags, text } from './field.ts';

const exif = { source: 'exif' };
const gps = { source: 'gps' };
const iptc = { source: 'iptc' };
const xmp = { source: 'xmp' };
const icc = { source: 'icc' };

const time = 'ISO 8601; no zone unless the file tells it.';

export const ExifSection = Type.Object({
  make: opt(text('Maker of the camera.', exif)),
  model: opt(text('Model of the camera.', exif)),
  lensMake: opt(text('Maker of the lens.', exif)),
  lensModel: opt(text('Model of the lens.', exif)),
  software: opt(text('Program that wrote the file.', exif)),
  artist: opt(text('Who made the picture.', exif)),
  copyright: opt(text('Whose it is.', exif)),
  description: opt(text('ImageDescription.', exif)),
  userComment: opt(text('UserComment, decoded.', exif)),
  takenAt: opt(text(`When it was taken (DateTimeOriginal). ${time}`, exif)),
  digitizedAt: opt(text(`When it was stored as data (DateTimeDigitized). ${time}`, exif)),
  modifiedAt: opt(text(`When it was last changed (DateTime). ${time}`, exif)),
  exposureTimeSeconds: opt(number('ExposureTime.', { unit: 's', ...exif })),
  fNumber: opt(number('Focal length over aperture.', exif)),
  iso: opt(number('PhotographicSensitivity.', exif)),
  focalLengthMm: opt(number('FocalLength.', { unit: 'mm', ...exif })),
  focalLength35Mm: opt(number('The same on 35 mm film.', { unit: 'mm', ...exif })),
  exposureBiasEv: opt(number('ExposureBiasValue.', { unit: 'EV', ...exif })),
  subjectDistanceM: opt(number('SubjectDistance.', { unit: 'm', ...exif })),
  exposureProgram: opt(text('manual, normal, aperture-priority, shutter-priority, …', exif)),
  meteringMode: opt(text('average, center-weighted, spot, multi-spot, pattern, partial, other.', exif)),
  whiteBalance: opt(text('auto, manual.', exif)),
  lightSource: opt(text('daylight, fluorescent, tungsten, flash, …', exif)),
  flashFired: opt(flag('Flash, bit 0.', exif)),
  colorSpace: opt(text('srgb, adobe-rgb, uncalibrated.', exif)),
  thumbnail: opt(
    Type.Object({
      bytes: count('Size of the embedded preview.', { unit: 'B', ...exif }),
      width: opt(count('Of the embedded preview.', { unit: 'px', ...exif })),
      height: opt(count('Of the embedded preview.', { unit: 'px', ...exif })),
      format: opt(text('jpeg, uncompressed.', exif)),
    }),
  ),
  tags: tags('Every tag by its standard name; numbers in the units of EXIF 3.0.', exif),
});

export const GpsSection = Type.Object({
  latitude: opt(number('North is positive.', { unit: '°', ...gps })),
  longitude: opt(number('East is positive.', { unit: '°', ...gps })),
  altitude: opt(number('Above sea level.', { unit: 'm', ...gps })),
  direction: opt(number('Of view, from north, clockwise.', { unit: '°', ...gps })),
  directionReference: opt(text('true, magnetic.', gps)),
  speed: opt(number('Of the camera.', { unit: 'm/s', ...gps })),
  timestamp: opt(text('ISO 8601, UTC.', gps)),
  accuracy: opt(number('Horizontal positioning error.', { unit: 'm', ...gps })),
  datum: opt(text('GPSMapDatum.', gps)),
});

export const IptcSection = Type.Object({
  title: opt(text('2:05 Object Name.', iptc)),
  headline: opt(text('2:105 Headline.', iptc)),
  caption: opt(text('2:120 Caption/Abstract.', iptc)),
  keywords: opt(Type.Array(Type.String(), { description: '2:25 Keywords.', 'x-source': 'iptc' })),
  byline: opt(Type.Array(Type.String(), { description: '2:80 By-line.', 'x-source': 'iptc' })),
  credit: opt(text('2:110 Credit.', iptc)),
  copyright: opt(text('2:116 Copyright Notice.', iptc)),
  city: opt(text('2:90 City.', iptc)),
  country: opt(text('2:101 Country.', iptc)),
  createdAt: opt(text(`2:55 and 2:60. ${time}`, iptc)),
  tags: tags('Every dataset by its name.', iptc),
});

export const XmpSection = Type.Object({
  title: opt(text('dc:title.', xmp)),
  description: opt(text('dc:description.', xmp)),
  creators: opt(Type.Array(Type.String(), { description: 'dc:creator.', 'x-source': 'xmp' })),
  rights: opt(text('dc:rights.', xmp)),
  keywords: opt(Type.Array(Type.String(), { description: 'dc:subject.', 'x-source': 'xmp' })),
  rating: opt(number('xmp:Rating, 1 to 5; -1 is rejected.', xmp)),
  creatorTool: opt(text('xmp:CreatorTool.', xmp)),
  createdAt: opt(text('xmp:CreateDate, ISO 8601.', xmp)),
  modifiedAt: opt(text('xmp:ModifyDate, ISO 8601.', xmp)),
  tags: tags('Every property by its usual prefix and name: dc:title, …', xmp),
});

export const IccSection = Type.Object({
  description: opt(text('Name of the profile.', icc)),
  bytes: count('Size of the profile.', { unit: 'B', ...icc }),
  version: opt(text('Of the ICC specification: 2.1, 4.4.', icc)),
  deviceClass: opt(text('display, input, output, link, space, abstract, named.', icc)),
  colorSpace: opt(text('rgb, gray, cmyk, lab, …', icc)),
  connectionSpace: opt(text('xyz, lab.', icc)),
  renderingIntent: opt(text('perceptual, relative-colorimetric, saturation, absolute-colorimetric.', icc)),
  createdAt: opt(text('ISO 8601, UTC.', icc)),
  manufacturer: opt(text('Signature of the device maker.', icc)),
  copyright: opt(text('Of the profile itself.', icc)),
});

export const ProvenanceSection = Type.Object({
  c2pa: flag('The file carries Content Credentials (a C2PA manifest); they are found, not verified.', {
    source: 'header',
  }),
  c2paBytes: opt(count('Size of the manifest store.', { unit: 'B', source: 'header' })),
  digitalSourceType: opt(text('IPTC digital source type: trainedAlgorithmicMedia, digitalCapture, …', xmp)),
  generator: opt(text('Program known to make pictures from prompts.', { source: 'exif, xmp, header' })),
});

export const PrivacySection = Type.Object(
  {
    hasGps: flag('Tells where.', { source: 'exif, xmp' }),
    hasSerialNumbers: flag('Tells which camera or lens.', { source: 'exif, xmp' }),
    hasOwner: flag('Tells whose or by whom.', { source: 'exif, iptc, xmp' }),
    thumbnailLeaks: flag('The embedded preview shows another crop than the picture, or tells where.', {
      source: 'exif',
    }),
  },
  { description: 'What would leak if the file were published as it is.' },
);

export const HashesSection = Type.Object({
  sha256: text('Of the file, hexadecimal.', { source: 'upload' }),
  phash: opt(text('Perceptual hash (DCT), 64 bit, hexadecimal.', { source: 'pixels' })),
  dhash: opt(text('Difference hash (rows), 64 bit, hexadecimal.', { source: 'pixels' })),
});

export const PlaceholderSection = Type.Object({
  thumbhash: text('Base64.', { source: 'pixels' }),
  blurhash: text('4 × 3 components at most.', { source: 'pixels' }),
});

const pixels = { source: 'pixels' };

export const StatsSection = Type.Object({
  channels: Type.Array(
    Type.Object({
      name: text('red, green, blue, alpha, gray.', pixels),
      min: number('0 to 255.', pixels),
      max: number('0 to 255.', pixels),
      mean: number('0 to 255.', pixels),
      stdev: number('0 to 255.', pixels),
    }),
  ),
  entropy: number('Of the gray values, 0 to 8.', { unit: 'bit', ...pixels }),
  sharpness: number('Standard deviation of the Laplacian.', pixels),
  sampleWidth: integer('Size of the reduced picture that was measured.', { unit: 'px', ...pixels }),
  sampleHeight: integer('Size of the reduced picture that was measured.', { unit: 'px', ...pixels }),
});
