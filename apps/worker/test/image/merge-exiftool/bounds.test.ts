import { Metadata } from '@tintype/core';
import t from 'tap';
import { Value } from 'typebox/value';
import { BINARY, file, merge, type Tags } from './setup.ts';

t.test('extra has bounds, and makers’ notes come first', async (t) => {
  const many = Object.fromEntries(
    Array.from({ length: 1500 }, (_, index) => [`PNG:Text${index}`, `${index}`]),
  );
  const crowded = merge({}, { ...many, 'MakerNotes:Canon:OwnerName': 'Andreas' });
  t.equal(Object.keys(crowded.extra ?? {}).length, 1000);
  t.equal(Object.keys(crowded.extra ?? {})[0], 'Canon:OwnerName');
  t.match(crowded.warnings, [{ code: 'TEXT_LIMIT', field: 'extra' }]);

  const long = Object.fromEntries(
    Array.from({ length: 100 }, (_, index) => [`PNG:T${index}`, 'é'.repeat(4000)]),
  );
  const { extra } = merge({}, long);
  t.ok(Buffer.byteLength(JSON.stringify(extra)) <= 65_536);
  t.ok(Object.keys(extra ?? {}).length > 5);

  t.same(merge({}, { 'PNG:Long': 'x'.repeat(5000), 'PNG:List': Array(2000).fill('1') }).extra, {
    'PNG:Long': { truncated: true, length: 5000 },
    'PNG:List': { truncated: true, length: 2000 },
  });
  t.equal(merge({}, { [`PNG:${'n'.repeat(300)}`]: 'x' }).extra, undefined);
});

t.test('nothing in an answer does harm', async (t) => {
  let deep: unknown = 'end';
  for (let depth = 0; depth < 10_000; depth += 1) deep = { Deeper: [deep] };
  const hostile: Tags = JSON.parse(
    '{"XMP:XMP-dc:Title":{"__proto__":{"polluted":true},"a":"\\u0000b\\ud800"},"__proto__":"x",":":"x","a::b":"x"}',
  );
  const merged = merge({}, { ...hostile, 'PNG:Deep': deep, 'XMP:XMP-x:Deep': deep });
  t.equal(({} as Tags).polluted, undefined);
  t.match(merged.xmp?.tags, { 'dc:title': { a: 'b' } });
  t.ok(JSON.stringify(merged).length < 10_000);
  t.same([...Value.Errors(Metadata, merged)], []);
});

/** Every tag that is looked at by name. */
const KEYS = `
Canon:CanonFirmwareVersion Canon:FileNumber Canon:MeasuredEV Canon:OwnerName Canon:SerialNumber
Composite:GPSAltitude Composite:GPSDateTime Composite:GPSLatitude Composite:GPSLongitude
Composite:ImageHeight Composite:ImageSize Composite:ImageWidth EXIF:ExifIFD:ApertureValue
EXIF:ExifIFD:ComponentsConfiguration EXIF:ExifIFD:DateTimeOriginal EXIF:ExifIFD:ExifImageWidth
EXIF:ExifIFD:ExifVersion EXIF:ExifIFD:ExposureCompensation EXIF:ExifIFD:ExposureTime
EXIF:ExifIFD:FNumber EXIF:ExifIFD:Flash EXIF:ExifIFD:ISO EXIF:ExifIFD:MeteringMode
EXIF:ExifIFD:OffsetTimeOriginal EXIF:ExifIFD:ShutterSpeedValue EXIF:ExifIFD:SubSecTimeOriginal
EXIF:ExifIFD:UserComment EXIF:GPS:GPSHPositioningError EXIF:GPS:GPSImgDirection
EXIF:GPS:GPSImgDirectionRef EXIF:GPS:GPSLatitude EXIF:GPS:GPSLatitudeRef EXIF:GPS:GPSMapDatum
EXIF:GPS:GPSSpeed EXIF:GPS:GPSSpeedRef EXIF:IFD0:BitsPerSample EXIF:IFD0:Compression
EXIF:IFD0:ImageHeight EXIF:IFD0:ImageWidth EXIF:IFD0:Make EXIF:IFD0:Matteing EXIF:IFD0:Model
EXIF:IFD0:ModifyDate EXIF:IFD0:Orientation EXIF:IFD0:PreviewImage EXIF:IFD0:PreviewImageStart
EXIF:IFD0:SensorHeight EXIF:IFD0:SensorWidth EXIF:IFD0:Software EXIF:IFD0:SubfileType
EXIF:IFD1:ImageHeight EXIF:IFD1:ImageWidth EXIF:IFD1:ThumbnailImage EXIF:SubIFD1:BitsPerSample
EXIF:SubIFD1:ImageHeight EXIF:SubIFD1:ImageWidth EXIF:SubIFD1:SubfileType EXIF:SubIFD:ImageHeight
EXIF:SubIFD:ImageWidth EXIF:SubIFD:SubfileType ExifTool:Error ExifTool:ExifToolVersion
File:BitsPerSample File:Comment File:FileType File:ImageHeight File:ImageWidth File:PageCount
File:System:Directory File:System:FileName GIF:BitsPerPixel GIF:FrameCount GIF:ImageHeight
GIF:ImageWidth ICC_Profile:ICC-header:ColorSpaceData ICC_Profile:ICC-header:DeviceModelSerialNumber
ICC_Profile:ICC-header:ProfileClass ICC_Profile:ICC-header:ProfileConnectionSpace
ICC_Profile:ICC-header:ProfileDateTime ICC_Profile:ICC-header:ProfileVersion
ICC_Profile:ICC-header:RenderingIntent ICC_Profile:ProfileDescription IPTC:By-line IPTC:DateCreated
IPTC:Keywords IPTC:ObjectName IPTC:TimeCreated IPTC:Urgency Iptc4xmpExt:LocationShown
Jpeg2000:BitsPerComponent MakerNotes:Canon:CanonFirmwareVersion MakerNotes:Canon:Dust
MakerNotes:Canon:FileNumber MakerNotes:Canon:LensModel MakerNotes:Canon:MeasuredEV
MakerNotes:Canon:OwnerName MakerNotes:Canon:SerialNumber MakerNotes:Nikon:SerialNumber
MakerNotes:Olympus:PreviewImage PNG:AnimationFrames PNG:BitDepth PNG:Deep PNG:ImageHeight
PNG:ImageWidth PNG:List PNG:Long PNG:Software RAF:RawImageCroppedSize RAF:RawImageFullSize
RIFF:ImageHeight RIFF:ImageWidth SVG:ImageHeight SVG:ImageWidth SubIFD1:ImageWidth
XMP:XMP-dc:Creator XMP:XMP-dc:Title XMP:XMP-iptcExt:LocationShown XMP:XMP-photoshop:City
XMP:XMP-x:Deep XMP:XMP-xmp:CreateDate XMP:XMP-xmp:Rating dc:title photoshop:City`;

t.test('whatever the tags hold, the document is one', async (t) => {
  const keys = KEYS.trim().split(/\s+/);
  const values = [
    '',
    ' ',
    '-1',
    '0',
    '1e999',
    'inf',
    'undef',
    '1 2',
    '0000:00:00 00:00:00',
    '-'.repeat(9999),
    null,
    true,
    7,
    [],
    ['a', 1, null],
    {},
    { a: { b: 'c' } },
    BINARY,
  ];
  for (const format of ['jpeg', 'tiff', 'nef', 'raf', 'svg', 'jp2']) {
    for (const value of values) {
      const tags = Object.fromEntries(keys.map((key) => [key, value]));
      const merged = merge({ file: file(format), image: {} }, tags);
      t.same([...Value.Errors(Metadata, merged)], [], `${format} ${JSON.stringify(value)?.slice(0, 30)}`);
    }
  }
});
