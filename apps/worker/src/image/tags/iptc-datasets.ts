// Names of the datasets of IPTC-IIM (IIM 4.2, chapters 5 to 9, and what Photo Mechanic and others added), as most programs spell them.

/** By record, then by dataset. */
const DATASET_NAMES: Readonly<Record<number, Readonly<Record<number, string>>>> = {
  1: {
    0: 'EnvelopeRecordVersion',
    5: 'Destination',
    20: 'FileFormat',
    22: 'FileVersion',
    30: 'ServiceIdentifier',
    40: 'EnvelopeNumber',
    50: 'ProductID',
    60: 'EnvelopePriority',
    70: 'DateSent',
    80: 'TimeSent',
    90: 'CodedCharacterSet',
    100: 'UniqueObjectName',
    120: 'ARMIdentifier',
    122: 'ARMVersion',
  },
  2: {
    0: 'ApplicationRecordVersion',
    3: 'ObjectTypeReference',
    4: 'ObjectAttributeReference',
    5: 'ObjectName',
    7: 'EditStatus',
    8: 'EditorialUpdate',
    10: 'Urgency',
    12: 'SubjectReference',
    15: 'Category',
    20: 'SupplementalCategories',
    22: 'FixtureIdentifier',
    25: 'Keywords',
    26: 'ContentLocationCode',
    27: 'ContentLocationName',
    30: 'ReleaseDate',
    35: 'ReleaseTime',
    37: 'ExpirationDate',
    38: 'ExpirationTime',
    40: 'SpecialInstructions',
    42: 'ActionAdvised',
    45: 'ReferenceService',
    47: 'ReferenceDate',
    50: 'ReferenceNumber',
    55: 'DateCreated',
    60: 'TimeCreated',
    62: 'DigitalCreationDate',
    63: 'DigitalCreationTime',
    65: 'OriginatingProgram',
    70: 'ProgramVersion',
    75: 'ObjectCycle',
    80: 'By-line',
    85: 'By-lineTitle',
    90: 'City',
    92: 'Sub-location',
    95: 'Province-State',
    100: 'Country-PrimaryLocationCode',
    101: 'Country-PrimaryLocationName',
    103: 'OriginalTransmissionReference',
    105: 'Headline',
    110: 'Credit',
    115: 'Source',
    116: 'CopyrightNotice',
    118: 'Contact',
    120: 'Caption-Abstract',
    121: 'LocalCaption',
    122: 'Writer-Editor',
    125: 'RasterizedCaption',
    130: 'ImageType',
    131: 'ImageOrientation',
    135: 'LanguageIdentifier',
    150: 'AudioType',
    151: 'AudioSamplingRate',
    152: 'AudioSamplingResolution',
    153: 'AudioDuration',
    154: 'AudioOutcue',
    184: 'JobID',
    185: 'MasterDocumentID',
    186: 'ShortDocumentID',
    187: 'UniqueDocumentID',
    188: 'OwnerID',
    200: 'ObjectPreviewFileFormat',
    201: 'ObjectPreviewFileVersion',
    202: 'ObjectPreviewData',
    221: 'Prefs',
    225: 'ClassifyState',
    228: 'SimilarityIndex',
    230: 'DocumentNotes',
    231: 'DocumentHistory',
    232: 'ExifCameraInfo',
    255: 'CatalogSets',
  },
  3: {
    0: 'NewsPhotoVersion',
    10: 'PictureIdentifier',
    20: 'ImageWidth',
    30: 'ImageHeight',
    40: 'PixelWidth',
    50: 'PixelHeight',
    55: 'SupplementalType',
    60: 'ColorRepresentation',
    86: 'BitsPerComponent',
  },
  7: { 10: 'SizeMode', 20: 'MaxSubfileSize', 90: 'ObjectSizeAnnounced', 95: 'MaximumObjectSize' },
  8: { 10: 'SubFile' },
  9: { 10: 'ConfirmedObjectSize' },
};

const NUMBERS = new Set(['1:0', '1:20', '1:22', '1:120', '1:122', '2:0', '2:200', '2:201']);
const BINARY = new Set(['2:125', '2:202', '8:10']);
/** About digital newsphotos, and about the object data before and behind them. */
const RECORDS_OF_NUMBERS = [3, 7, 9];

export type DatasetKind = 'text' | 'number' | 'binary';

export function kindOfDataset(record: number, dataset: number): DatasetKind {
  const key = `${record}:${dataset}`;
  if (BINARY.has(key)) return 'binary';
  return NUMBERS.has(key) || RECORDS_OF_NUMBERS.includes(record) ? 'number' : 'text';
}

/** Datasets that nobody has named go by their numbers. */
export function nameOfDataset(record: number, dataset: number): string {
  return DATASET_NAMES[record]?.[dataset] ?? `${record}:${String(dataset).padStart(2, '0')}`;
}
