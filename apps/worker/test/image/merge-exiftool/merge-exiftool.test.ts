import { Metadata } from '@tintype/core';
import t from 'tap';
import { Value } from 'typebox/value';
import type { ExifToolAnswer } from '../../../src/image/merge-exiftool/answer.ts';
import { mergeExifTool } from '../../../src/image/merge-exiftool/merge-exiftool.ts';
import { BINARY, type Case, documentOf, file, stored, testCases } from './setup.ts';

const CASES: Case[] = [
  {
    name: 'an answer makes it a document of the full profile, and changes nothing that is known',
    tags: {
      SourceFile: './a.jpg',
      'File:ImageWidth': '600',
      'File:ImageHeight': '400',
      'File:BitsPerSample': '8',
    },
    expect: {
      profile: 'full',
      tools: { tintype: '0.2.0', exiftool: '13.59' },
      image: documentOf().image,
      warnings: [],
      sources: { image: 'header' },
    },
    without: ['extra'],
  },
  {
    name: 'a size that nobody measured',
    document: { file: file('hdr'), image: {} },
    tags: { 'File:ImageWidth': '600', 'File:ImageHeight': '200', 'Composite:ImageSize': '1 1' },
    expect: {
      image: stored(600, 200, { displayWidth: 600, displayHeight: 200, aspectRatio: 3, megapixels: 0.12 }),
      sources: { 'image.storedWidth': 'exiftool', 'image.storedHeight': 'exiftool' },
    },
  },
  {
    name: 'depth and frames that nobody counted',
    document: { file: file('gif'), image: stored(10, 10) },
    tags: { 'GIF:ImageWidth': '10', 'GIF:ImageHeight': '10', 'GIF:FrameCount': '3', 'GIF:BitsPerPixel': '8' },
    expect: { image: { pages: 3 }, sources: { 'image.pages': 'exiftool' } },
  },
  {
    name: 'EXIF that our reader could not read, in the names and units of the standard',
    document: { sections: { ...documentOf().sections, exif: 'failed' } },
    tags: {
      'EXIF:IFD0:Make': 'Canon',
      'EXIF:IFD0:Model': '500',
      'EXIF:IFD0:Software': '1.10',
      'EXIF:IFD0:Orientation': '6',
      'EXIF:IFD0:ModifyDate': '2003:12:14 12:01:44',
      'EXIF:IFD0:ImageHeight': '400',
      'EXIF:ExifIFD:DateTimeOriginal': '2003:12:14 12:01:44',
      'EXIF:ExifIFD:SubSecTimeOriginal': '072',
      'EXIF:ExifIFD:OffsetTimeOriginal': '+02:00',
      'EXIF:ExifIFD:ExposureTime': '0.002',
      'EXIF:ExifIFD:ShutterSpeedValue': '0.001953125',
      'EXIF:ExifIFD:ApertureValue': '4',
      'EXIF:ExifIFD:ExposureCompensation': '-0.3333333333',
      'EXIF:ExifIFD:MeteringMode': '5',
      'EXIF:ExifIFD:Flash': '24',
      'EXIF:ExifIFD:ComponentsConfiguration': '1 2 3 0',
      'EXIF:ExifIFD:ExifVersion': '0220',
      'EXIF:ExifIFD:UserComment': '',
      'EXIF:ExifIFD:ExifImageWidth': '600',
      'EXIF:IFD1:ThumbnailImage': BINARY,
      'MakerNotes:Canon:LensModel': 'EF50mm f/1.8 STM',
    },
    expect: {
      exif: {
        make: 'Canon',
        model: '500',
        software: '1.10',
        lensModel: 'EF50mm f/1.8 STM',
        takenAt: '2003-12-14T12:01:44.072+02:00',
        modifiedAt: '2003-12-14T12:01:44',
        exposureTimeSeconds: 0.002,
        exposureBiasEv: -0.3333333333,
        meteringMode: 'pattern',
        flashFired: false,
        thumbnail: { bytes: 5402 },
        tags: {
          Model: '500',
          DateTime: '2003:12:14 12:01:44',
          ImageLength: 400,
          ShutterSpeedValue: 9,
          ApertureValue: 4,
          ComponentsConfiguration: [1, 2, 3, 0],
          ExifVersion: '0220',
          PixelXDimension: 600,
        },
      },
      image: { orientation: 6, width: 400, height: 600, storedWidth: 600, storedHeight: 400 },
      has: { exif: true, thumbnail: true },
      sections: { exif: 'ok' },
      sources: { exif: 'exiftool', 'image.orientation': 'exiftool' },
    },
    without: ['exif.userComment', 'exif.tags.UserComment', 'exif.tags.ModifyDate'],
  },
  {
    name: 'single fields behind our own, whose tags stay as they are',
    document: { exif: { make: 'Ours', tags: { Make: 'Ours' } }, image: stored(600, 400) },
    tags: {
      'EXIF:IFD0:Make': 'Theirs',
      'EXIF:IFD0:Model': 'M',
      'EXIF:IFD0:Orientation': '6',
      'EXIF:ExifIFD:FNumber': '2.8',
    },
    expect: {
      exif: { make: 'Ours', model: 'M', fNumber: 2.8, tags: { Make: 'Ours' } },
      image: { width: 600, height: 400 },
      sources: { 'exif.model': 'exiftool', 'exif.fNumber': 'exiftool' },
    },
    without: ['exif.tags.FNumber', 'image.orientation', 'sources.exif', 'sources.exif\\.make'],
  },
  {
    name: 'how a TIFF is stored is no EXIF',
    document: { file: file('tiff') },
    tags: {
      'EXIF:IFD0:ImageWidth': '600',
      'EXIF:IFD0:ImageHeight': '400',
      'EXIF:IFD0:Compression': '7',
      'EXIF:IFD0:PreviewImageStart': '8',
      'EXIF:IFD0:PreviewImage': BINARY,
      'EXIF:IFD0:Matteing': '1',
    },
    expect: { exif: null, has: { exif: false, thumbnail: false }, warnings: [] },
  },
];

testCases(CASES);

t.test('without an answer the document stays as it is, with a warning', async (t) => {
  const document = documentOf();
  const answers: [answer: ExifToolAnswer, code: string][] = [
    [{ unavailable: true }, 'EXIFTOOL_UNAVAILABLE'],
    [{ failed: 'timeout' }, 'EXIFTOOL_FAILED'],
    [{ failed: 'memory' }, 'EXIFTOOL_FAILED'],
    [{ failed: 'crashed' }, 'EXIFTOOL_FAILED'],
    [{ failed: 'too-long' }, 'EXIFTOOL_FAILED'],
    [{ failed: 'unintelligible' }, 'EXIFTOOL_FAILED'],
    [{ failed: 'disk' }, 'EXIFTOOL_FAILED'],
  ];
  for (const [answer, code] of answers) {
    const { warnings, ...rest } = mergeExifTool(document, answer);
    const { warnings: none, ...own } = document;
    t.same(rest, own);
    t.same(none, []);
    t.match(warnings, [{ code, message: /ExifTool/ }]);
    t.same([...Value.Errors(Metadata, { warnings, ...rest })], []);
  }
});
