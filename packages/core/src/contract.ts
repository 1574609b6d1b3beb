// The light door: what needs no library. For processes that must stay small, such as the worker's decoders.
export {
  AppError,
  type AppErrorOptions,
  ERROR_CODES,
  ERRORS,
  type ErrorCode,
  type Problem,
} from './errors.ts';
export { FORMATS, type ImageFormat, mimeTypeOf } from './formats.ts';
export type { Metadata, MetadataWarning, Profile } from './metadata/document.ts';
export { SCHEMA_VERSION } from './metadata/schema-version.ts';
export { SNIFF_BYTES, sniff } from './sniff.ts';
export type { Accepted, CanonicalTransform, OutputFormat } from './transform.ts';
export { DEFAULT_QUALITY, opaqueBackground } from './transform-canonical.ts';
