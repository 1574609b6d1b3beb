// The names of tags: Exif 3.0 (CIPA DC-008-2023), TIFF 6.0 and its supplements, TIFF/EP, DNG 1.7, GeoTIFF, and what Windows adds.
// Left out: where pixels and other directories lie, and blocks that other readers read.

/** Exif 3.0, 4.6.5; TIFF 6.0, appendix A: how the picture is stored. In a TIFF they say nothing that the header does not. */
const STRUCTURE = `
00fe NewSubfileType 00ff SubfileType 0100 ImageWidth 0101 ImageLength 0102 BitsPerSample 0103 Compression
0106 PhotometricInterpretation 0107 Thresholding 0108 CellWidth 0109 CellLength 010a FillOrder 0112 Orientation
0115 SamplesPerPixel 0116 RowsPerStrip 0118 MinSampleValue 0119 MaxSampleValue 011a XResolution 011b YResolution
011c PlanarConfiguration 011e XPosition 011f YPosition 0122 GrayResponseUnit 0123 GrayResponseCurve 0124 T4Options
0125 T6Options 0128 ResolutionUnit 0129 PageNumber 012d TransferFunction 013d Predictor 013e WhitePoint
013f PrimaryChromaticities 0140 ColorMap 0141 HalftoneHints 0142 TileWidth 0143 TileLength 014c InkSet 014d InkNames
014e NumberOfInks 0150 DotRange 0152 ExtraSamples 0153 SampleFormat 0154 SMinSampleValue 0155 SMaxSampleValue
0200 JPEGProc 0203 JPEGRestartInterval 0211 YCbCrCoefficients 0212 YCbCrSubSampling 0213 YCbCrPositioning
0214 ReferenceBlackWhite 828d CFARepeatPatternDim 828e CFAPattern 9216 TIFFEPStandardID`;

/** Who, what, when and with what. */
const DESCRIPTION = `
000b ProcessingSoftware 010d DocumentName 010e ImageDescription 010f Make 0110 Model 011d PageName 0131 Software
0132 DateTime 013b Artist 013c HostComputer 0151 TargetPrinter 4746 Rating 4749 RatingPercent 800d ImageID 8298 Copyright
9c9b XPTitle 9c9c XPComment 9c9d XPAuthor 9c9e XPKeywords 9c9f XPSubject
830e ModelPixelScale 8482 ModelTiepoint 85d8 ModelTransformation 87af GeoKeyDirectory 87b0 GeoDoubleParams
87b1 GeoAsciiParams a480 GDALMetadata a481 GDALNoData`;

/** Exif 3.0, 4.6.6; what stands twice has one number from TIFF/EP (92xx) and one from Exif (a2xx). */
const EXIF = `
829a ExposureTime 829d FNumber 8822 ExposureProgram 8824 SpectralSensitivity 8827 ISO 882a TimeZoneOffset
882b SelfTimerMode 8830 SensitivityType 8831 StandardOutputSensitivity 8832 RecommendedExposureIndex 8833 ISOSpeed
8834 ISOSpeedLatitudeyyy 8835 ISOSpeedLatitudezzz 9000 ExifVersion 9003 DateTimeOriginal 9004 DateTimeDigitized
9010 OffsetTime 9011 OffsetTimeOriginal 9012 OffsetTimeDigitized 9101 ComponentsConfiguration
9102 CompressedBitsPerPixel 9201 ShutterSpeedValue 9202 ApertureValue 9203 BrightnessValue 9204 ExposureBiasValue
9205 MaxApertureValue 9206 SubjectDistance 9207 MeteringMode 9208 LightSource 9209 Flash 920a FocalLength
920b FlashEnergy 920e FocalPlaneXResolution 920f FocalPlaneYResolution 9210 FocalPlaneResolutionUnit
9211 ImageNumber 9212 SecurityClassification 9213 ImageHistory 9214 SubjectArea 9215 ExposureIndex
9217 SensingMethod 9286 UserComment 9290 SubSecTime 9291 SubSecTimeOriginal 9292 SubSecTimeDigitized
9400 Temperature 9401 Humidity 9402 Pressure 9403 WaterDepth 9404 Acceleration 9405 CameraElevationAngle
a000 FlashpixVersion a001 ColorSpace a002 PixelXDimension a003 PixelYDimension a004 RelatedSoundFile
a20b FlashEnergy a20e FocalPlaneXResolution a20f FocalPlaneYResolution a210 FocalPlaneResolutionUnit
a214 SubjectLocation a215 ExposureIndex a217 SensingMethod a300 FileSource a301 SceneType a401 CustomRendered
a402 ExposureMode a403 WhiteBalance a404 DigitalZoomRatio a405 FocalLengthIn35mmFilm a406 SceneCaptureType
a407 GainControl a408 Contrast a409 Saturation a40a Sharpness a40c SubjectDistanceRange a420 ImageUniqueID
a430 CameraOwnerName a431 BodySerialNumber a432 LensSpecification a433 LensMake a434 LensModel a435 LensSerialNumber
a436 ImageTitle a437 Photographer a438 ImageEditor a439 CameraFirmware a43a RAWDevelopingSoftware
a43b ImageEditingSoftware a43c MetadataEditingSoftware a460 CompositeImage
a461 SourceImageNumberOfCompositeImage a500 Gamma`;

/** DNG 1.7, chapter 4: what describes camera, colour and exposure. */
const DNG = `
c612 DNGVersion c613 DNGBackwardVersion c614 UniqueCameraModel c615 LocalizedCameraModel c61a BlackLevel
c61d WhiteLevel c61e DefaultScale c61f DefaultCropOrigin c620 DefaultCropSize c621 ColorMatrix1 c622 ColorMatrix2
c627 AnalogBalance c628 AsShotNeutral c629 AsShotWhiteXY c62a BaselineExposure c62b BaselineNoise
c62c BaselineSharpness c62d BayerGreenSplit c62e LinearResponseLimit c62f CameraSerialNumber c630 LensInfo
c632 AntiAliasStrength c633 ShadowScale c65a CalibrationIlluminant1 c65b CalibrationIlluminant2 c65c BestQualityScale
c65d RawDataUniqueID c68b OriginalRawFileName c68d ActiveArea c6f3 CameraCalibrationSignature
c6f4 ProfileCalibrationSignature c6f6 AsShotProfileName c6f8 ProfileName c6fe ProfileCopyright c714 ForwardMatrix1
c715 ForwardMatrix2 c716 PreviewApplicationName c717 PreviewApplicationVersion c718 PreviewSettingsName
c71a PreviewColorSpace c71b PreviewDateTime c763 TimeCodes c764 FrameRate c772 TStop c789 ReelName c7a1 CameraLabel`;

/** Exif 3.0, 4.6.8. */
const INTEROPERABILITY = `
0001 InteroperabilityIndex 0002 InteroperabilityVersion 1000 RelatedImageFileFormat 1001 RelatedImageWidth
1002 RelatedImageLength`;

/** Exif 3.0, 4.6.7. */
const GPS = `
0000 GPSVersionID 0001 GPSLatitudeRef 0002 GPSLatitude 0003 GPSLongitudeRef 0004 GPSLongitude 0005 GPSAltitudeRef
0006 GPSAltitude 0007 GPSTimeStamp 0008 GPSSatellites 0009 GPSStatus 000a GPSMeasureMode 000b GPSDOP 000c GPSSpeedRef
000d GPSSpeed 000e GPSTrackRef 000f GPSTrack 0010 GPSImgDirectionRef 0011 GPSImgDirection 0012 GPSMapDatum
0013 GPSDestLatitudeRef 0014 GPSDestLatitude 0015 GPSDestLongitudeRef 0016 GPSDestLongitude 0017 GPSDestBearingRef
0018 GPSDestBearing 0019 GPSDestDistanceRef 001a GPSDestDistance 001b GPSProcessingMethod 001c GPSAreaInformation
001d GPSDateStamp 001e GPSDifferential 001f GPSHPositioningError`;

function parse(...tables: string[]): ReadonlyMap<number, string> {
  const words = tables.join(' ').trim().split(/\s+/);
  const names = new Map<number, string>();
  for (let index = 0; index + 1 < words.length; index += 2) {
    names.set(Number.parseInt(words[index] ?? '', 16), words[index + 1] ?? '');
  }
  return names;
}

/** Of IFD0 and the Exif IFD, which share one space of numbers. */
export const EXIF_NAMES = parse(STRUCTURE, DESCRIPTION, EXIF, DNG);
export const GPS_NAMES = parse(GPS);
export const INTEROPERABILITY_NAMES = parse(INTEROPERABILITY);
/** The names that a TIFF without any description has. */
export const STRUCTURE_NAMES: ReadonlySet<string> = new Set(parse(STRUCTURE).values());
