// Bytes in, document out. The steps, in order; each in a file of its own, none does any I/O.
import { createRequire } from 'node:module';
import { type Metadata, SCHEMA_VERSION } from '@tintype/core/contract';
import { describeAnimation } from './describe-animation.ts';
import { describeColor, describeIcc } from './describe-color.ts';
import { describeCompression, describeEncoding } from './describe-encoding.ts';
import { describeFile } from './describe-file.ts';
import { describeImage } from './describe-image.ts';
import type { FileFacts } from './file-facts.ts';
import { readHeader, SHARP_VERSIONS } from './read-header.ts';
import { readTags } from './read-tags.ts';
import { withoutNul } from './without-nul.ts';

/** Grows whenever the same file would be described differently. */
export const EXTRACTOR_VERSION = '0.1.0';

const require = createRequire(import.meta.url);
const TOOLS = {
  ...SHARP_VERSIONS,
  exifreader: (require('exifreader/package.json') as { version: string }).version,
};

/** @throws AppError IMAGE_UNREADABLE where nothing can be said about the pixels of a format that is read here */
export async function inspect(bytes: Buffer, facts: FileFacts): Promise<Metadata> {
  const { header, warnings: headerWarnings } = await readHeader(bytes, facts.format);
  const { exif, gps, density, warnings: tagWarnings } = readTags(bytes);
  const { file, warnings: fileWarnings } = describeFile(facts);
  const image = describeImage(header, density);
  return withoutNul({
    schemaVersion: SCHEMA_VERSION,
    extractorVersion: EXTRACTOR_VERSION,
    profile: 'fast',
    extractedAt: new Date().toISOString(),
    tools: TOOLS,
    file,
    image,
    encoding: describeEncoding(header, facts.format),
    compression: describeCompression({ header, image, facts }),
    color: describeColor(header),
    icc: describeIcc(header),
    animation: describeAnimation(header),
    exif,
    gps,
    hashes: { sha256: facts.sha256Hex },
    warnings: [...fileWarnings, ...headerWarnings, ...tagWarnings],
  });
}
