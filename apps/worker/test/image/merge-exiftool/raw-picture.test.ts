import { type Case, file, NEF, stored, testCases } from './setup.ts';

const CASES: Case[] = [
  {
    name: 'a TIFF that turns out to be a camera’s',
    document: {
      file: file('tiff', {
        extension: 'nef',
        declaredMimeType: 'image/tiff',
        extensionMatches: false,
        mimeMatches: true,
      }),
      image: stored(160, 120, { bitDepth: 8 }),
      exif: { make: 'NIKON CORPORATION', tags: { Make: 'NIKON CORPORATION' } },
      warnings: [
        { code: 'EXTENSION_MISMATCH', message: 'A tiff file is named .nef.', field: 'file.extension' },
      ],
    },
    tags: { ...NEF, 'EXIF:ExifIFD:ISO': '200' },
    expect: {
      file: { format: 'nef', mimeType: 'image/x-nikon-nef', extensionMatches: true, mimeMatches: false },
      image: {
        storedWidth: 4310,
        storedHeight: 2868,
        width: 2848,
        height: 4288,
        orientation: 8,
        bitDepth: 8,
        aspectRatio: 0.6642,
      },
      exif: { make: 'NIKON CORPORATION', iso: 200, tags: { Make: 'NIKON CORPORATION', ISO: 200 } },
      extra: { 'SubIFD1:ImageWidth': 4310 },
      warnings: [{ code: 'MIME_MISMATCH', field: 'file.declaredMimeType' }],
      sources: { 'file.format': 'exiftool', 'image.storedWidth': 'exiftool' },
    },
    without: ['extra.IFD0:Make'],
  },
  {
    name: 'a TIFF without a maker stays one, whatever it is called',
    document: { file: file('tiff'), image: stored(160, 120) },
    tags: { 'File:FileType': 'NEF', 'EXIF:IFD0:ImageWidth': '160', 'EXIF:IFD0:ImageHeight': '120' },
    expect: { file: { format: 'tiff', mimeType: 'image/tiff' } },
  },
  {
    name: 'a JPEG is never a camera’s raw file',
    tags: { 'File:FileType': 'NEF', 'EXIF:IFD0:Make': 'NIKON' },
    expect: { file: { format: 'jpeg' } },
  },
  {
    name: 'the larger picture is the sensor’s: ours stays',
    document: { file: file('nef'), image: stored(6000, 4000, { bitDepth: 14 }) },
    tags: { ...NEF, 'Composite:ImageSize': '160 120' },
    expect: { image: { storedWidth: 6000, storedHeight: 4000, bitDepth: 14, orientation: 8 }, warnings: [] },
  },
  {
    name: 'a composed size that is a preview’s is not shown',
    document: { file: file('nef'), image: {} },
    tags: { ...NEF, 'Composite:ImageSize': '160 120', 'EXIF:IFD0:Orientation': '1' },
    expect: { image: stored(4310, 2868, { bitDepth: 12 }) },
  },
  {
    name: 'Fujifilm, with and without borders',
    document: { file: file('raf'), image: {} },
    tags: {
      'RAF:RawImageFullSize': '4936 3296',
      'RAF:RawImageCroppedSize': '4896 3264',
      'Composite:ImageSize': '4896 3264',
    },
    expect: { image: { storedWidth: 4936, storedHeight: 3296, width: 4896, height: 3264 } },
  },
  {
    name: 'Panasonic, turned',
    document: { file: file('rw2'), image: {} },
    tags: {
      'EXIF:IFD0:SensorWidth': '3984',
      'EXIF:IFD0:SensorHeight': '2760',
      'EXIF:IFD0:BitsPerSample': '12',
      'EXIF:IFD0:Make': 'Panasonic',
      'EXIF:IFD0:Orientation': '6',
      'Composite:ImageSize': '3648 2736',
    },
    expect: {
      image: {
        storedWidth: 3984,
        storedHeight: 2760,
        width: 2736,
        height: 3648,
        bitDepth: 12,
        orientation: 6,
      },
    },
  },
  {
    name: 'Canon CR3, of which only the composed size is known',
    document: { file: file('cr3'), image: {} },
    tags: { 'Composite:ImageSize': '6000 4000' },
    expect: { image: stored(6000, 4000) },
  },
];

testCases(CASES);
