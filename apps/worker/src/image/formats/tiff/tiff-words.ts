// What the numbers of TIFF's tags mean, in words: TIFF 6.0 and its supplements, TIFF/EP, DNG 1.7, libtiff's registry, makers' own.

interface Compression {
  method: string;
  /** Undefined where the number alone does not tell. */
  lossless?: boolean;
}

const lossless = (method: string): Compression => ({ method, lossless: true });
const lossy = (method: string): Compression => ({ method, lossless: false });
const either = (method: string): Compression => ({ method });

/** Tag 259. Absent numbers are those of nobody. */
export const COMPRESSIONS: Readonly<Record<number, Compression>> = {
  1: lossless('none'),
  2: lossless('ccitt-rle'),
  3: lossless('ccitt-t4'),
  4: lossless('ccitt-t6'),
  5: lossless('lzw'),
  6: either('jpeg-old'),
  7: either('jpeg'),
  8: lossless('deflate'),
  9: lossless('jbig'),
  10: lossless('jbig'),
  99: either('jpeg'),
  32766: lossless('next'),
  32767: either('arw'),
  32769: either('packed-raw'),
  32770: either('srw'),
  32771: lossless('ccitt-rlew'),
  32772: either('srw'),
  32773: lossless('packbits'),
  32809: lossless('thunderscan'),
  32895: lossless('it8-ct-padded'),
  32896: lossless('it8-linework'),
  32897: lossless('it8-monochrome'),
  32898: lossless('it8-binary-linework'),
  32908: either('pixarfilm'),
  32909: either('pixarlog'),
  32946: lossless('deflate'),
  32947: either('dcs'),
  33003: either('jpeg2000'),
  33004: either('jpeg2000'),
  33005: either('jpeg2000'),
  34661: lossless('jbig'),
  34676: lossless('sgilog'),
  34677: either('sgilog24'),
  34712: either('jpeg2000'),
  34713: either('nef'),
  34715: either('jbig2'),
  34887: either('lerc'),
  34892: lossy('jpeg'),
  34925: lossless('lzma'),
  34926: lossless('zstd'),
  34927: either('webp'),
  34933: lossless('png'),
  34934: either('jpeg-xr'),
  50000: lossless('zstd'),
  50001: either('webp'),
  50002: either('jxl'),
  52546: either('jxl'),
  65535: lossless('pef'),
};

/** Methods after which a predictor is undone (TIFF 6.0, section 14; technical note 3). */
export const PREDICTED_METHODS: readonly string[] = ['lzw', 'deflate', 'zstd', 'lzma'];

/** Tag 317; from 34892 on DNG 1.4, which skips over one or three samples. */
export const PREDICTORS: Readonly<Record<number, string>> = {
  1: 'none',
  2: 'horizontal',
  3: 'floating-point',
  34892: 'horizontal',
  34893: 'horizontal',
  34894: 'floating-point',
  34895: 'floating-point',
};

/** Methods that are pictures of a format of their own. */
export const CODECS: Readonly<Record<string, string>> = {
  jpeg: 'jpeg',
  'jpeg-old': 'jpeg',
  jpeg2000: 'jpeg2000',
  webp: 'webp',
  jxl: 'jxl',
  png: 'png',
  'jpeg-xr': 'jpeg-xr',
  jbig: 'jbig',
  jbig2: 'jbig2',
};

interface ColorModel {
  model: string;
  /** Samples of a pixel that are colour. */
  samples: number;
}

export const CFA = 32803;

/** Tag 262. */
export const COLOR_MODELS: Readonly<Record<number, ColorModel>> = {
  0: { model: 'gray', samples: 1 },
  1: { model: 'gray', samples: 1 },
  2: { model: 'rgb', samples: 3 },
  3: { model: 'indexed', samples: 1 },
  4: { model: 'mask', samples: 1 },
  5: { model: 'cmyk', samples: 4 },
  6: { model: 'ycbcr', samples: 3 },
  8: { model: 'lab', samples: 3 },
  9: { model: 'lab', samples: 3 },
  10: { model: 'itulab', samples: 3 },
  [CFA]: { model: 'cfa', samples: 1 },
  32844: { model: 'logl', samples: 1 },
  32845: { model: 'logluv', samples: 3 },
  34892: { model: 'linear-raw', samples: 3 },
  51177: { model: 'depth', samples: 1 },
  52527: { model: 'mask', samples: 1 },
};
