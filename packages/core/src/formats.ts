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
  tiff: { mimeType: 'image/tiff', extensions: ['tif', 'tiff', 'nef', 'arw', 'dng', 'pef', 'srw'] },
  avif: { mimeType: 'image/avif', extensions: ['avif', 'avifs'] },
  heic: { mimeType: 'image/heic', extensions: ['heic', 'heif', 'hif', 'heics'] },
  jxl: { mimeType: 'image/jxl', extensions: ['jxl'] },
  bmp: { mimeType: 'image/bmp', extensions: ['bmp', 'dib'] },
  ico: { mimeType: 'image/x-icon', extensions: ['ico', 'cur'] },
  psd: { mimeType: 'image/vnd.adobe.photoshop', extensions: ['psd', 'psb'] },
  jp2: { mimeType: 'image/jp2', extensions: ['jp2', 'j2k', 'jpf', 'jpx', 'j2c', 'jpc'] },
  svg: { mimeType: 'image/svg+xml', extensions: ['svg'] },
  ppm: { mimeType: 'image/x-portable-anymap', extensions: ['ppm', 'pgm', 'pbm', 'pnm', 'pam'] },
  qoi: { mimeType: 'image/qoi', extensions: ['qoi'] },
  dds: { mimeType: 'image/vnd.ms-dds', extensions: ['dds'] },
  cr2: { mimeType: 'image/x-canon-cr2', extensions: ['cr2'] },
  cr3: { mimeType: 'image/x-canon-cr3', extensions: ['cr3'] },
  raf: { mimeType: 'image/x-fuji-raf', extensions: ['raf'] },
  orf: { mimeType: 'image/x-olympus-orf', extensions: ['orf'] },
  rw2: { mimeType: 'image/x-panasonic-rw2', extensions: ['rw2'] },
} as const satisfies Record<string, Format>;

export type ImageFormat = keyof typeof FORMATS;

/** The media type of a format name as it stands in the database. */
export function mimeTypeOf(format: string): string {
  return (FORMATS as Record<string, Format>)[format]?.mimeType ?? 'application/octet-stream';
}
