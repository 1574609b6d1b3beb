// The codes of warnings in a metadata document. A warning loses nothing: it says what is missing or odd, and why.

export const WARNING_CODES = [
  'EXTENSION_MISMATCH',
  'MIME_MISMATCH',
  'TRUNCATED',
  'TRAILING_BYTES',
  'POLYGLOT',
  'HEADER_MALFORMED',
  'WALK_LIMIT',
  'TEXT_LIMIT',
  'TAGS_UNREADABLE',
  'NOT_DECODED',
  'PIXELS_SKIPPED_LIMIT',
  'PIXELS_UNREADABLE',
  'TOOLS_DISAGREE',
  'EXIFTOOL_UNAVAILABLE',
  'EXIFTOOL_FAILED',
] as const;
