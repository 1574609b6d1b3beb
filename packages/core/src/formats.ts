// The image formats known here: their names, media types and file extensions.

interface Format {
  mimeType: string;
  extensions: readonly string[];
}

export const FORMATS = {
  jpeg: { mimeType: 'image/jpeg', extensions: ['jpg', 'jpeg', 'jpe', 'jfif'] },
  png: { mimeType: 'image/png', extensions: ['png', 'apng'] },
  webp: { mimeType: 'image/webp', extensions: ['webp'] },
  gif: { mimeType: 'image/gif', extensions: ['gif'] },
  tiff: { mimeType: 'image/tiff', extensions: ['tif', 'tiff', 'btf', 'tf8'] },
  avif: { mimeType: 'image/avif', extensions: ['avif', 'avifs'] },
  heic: { mimeType: 'image/heic', extensions: ['heic', 'heif', 'hif', 'heics', 'heifs'] },
  jxl: { mimeType: 'image/jxl', extensions: ['jxl'] },
  bmp: { mimeType: 'image/bmp', extensions: ['bmp', 'dib'] },
  ico: { mimeType: 'image/x-icon', extensions: ['ico', 'cur'] },
  psd: { mimeType: 'image/vnd.adobe.photoshop', extensions: ['psd', 'psb'] },
  jp2: { mimeType: 'image/jp2', extensions: ['jp2', 'j2k', 'jpf', 'jpx', 'j2c', 'jpc'] },
  svg: { mimeType: 'image/svg+xml', extensions: ['svg'] },
  ppm: { mimeType: 'image/x-portable-anymap', extensions: ['ppm', 'pgm', 'pbm', 'pnm', 'pam'] },
  qoi: { mimeType: 'image/qoi', extensions: ['qoi'] },
  dds: { mimeType: 'image/vnd.ms-dds', extensions: ['dds'] },
  tga: { mimeType: 'image/x-tga', extensions: ['tga', 'vda', 'icb', 'vst'] },
  exr: { mimeType: 'image/x-exr', extensions: ['exr'] },
  hdr: { mimeType: 'image/vnd.radiance', extensions: ['hdr', 'rgbe', 'pic'] },
  pfm: { mimeType: 'image/x-pfm', extensions: ['pfm'] },
  pcx: { mimeType: 'image/pcx', extensions: ['pcx'] },
  icns: { mimeType: 'image/icns', extensions: ['icns'] },
  eps: { mimeType: 'application/postscript', extensions: ['eps', 'epsf', 'epsi', 'ps'] },
  jxr: { mimeType: 'image/jxr', extensions: ['jxr', 'wdp', 'hdp'] },
  xcf: { mimeType: 'image/x-xcf', extensions: ['xcf'] },
  fits: { mimeType: 'image/fits', extensions: ['fits', 'fit', 'fts'] },
  dpx: { mimeType: 'image/dpx', extensions: ['dpx'] },
  jng: { mimeType: 'image/x-jng', extensions: ['jng'] },
  dng: { mimeType: 'image/x-adobe-dng', extensions: ['dng'] },
  nef: { mimeType: 'image/x-nikon-nef', extensions: ['nef', 'nrw'] },
  arw: { mimeType: 'image/x-sony-arw', extensions: ['arw', 'sr2', 'srf'] },
  pef: { mimeType: 'image/x-pentax-pef', extensions: ['pef'] },
  srw: { mimeType: 'image/x-samsung-srw', extensions: ['srw'] },
  cr2: { mimeType: 'image/x-canon-cr2', extensions: ['cr2'] },
  cr3: { mimeType: 'image/x-canon-cr3', extensions: ['cr3'] },
  raf: { mimeType: 'image/x-fujifilm-raf', extensions: ['raf'] },
  orf: { mimeType: 'image/x-olympus-orf', extensions: ['orf'] },
  rw2: { mimeType: 'image/x-panasonic-rw2', extensions: ['rw2', 'rwl'] },
  crw: { mimeType: 'image/x-canon-crw', extensions: ['crw', 'ciff'] },
  mrw: { mimeType: 'image/x-minolta-mrw', extensions: ['mrw'] },
  x3f: { mimeType: 'image/x-sigma-x3f', extensions: ['x3f'] },
} as const satisfies Record<string, Format>;

export type ImageFormat = keyof typeof FORMATS;

/** The media type of a format name as it stands in the database. */
export function mimeTypeOf(format: string): string {
  return (FORMATS as Record<string, Format>)[format]?.mimeType ?? 'application/octet-stream';
}
