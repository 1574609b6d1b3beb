// The part of the environment that reading images needs: the same for the worker and for `tintype inspect`.
import { choice, integer, PROFILES } from '@tintype/core';
import { DEFAULT_PIXEL_LIMITS } from './image/pixels/limits.ts';

export const inspectorSettings = {
  inspectProfile: choice('INSPECT_PROFILE', {
    about: 'How images are read where a job does not say: fast (own readers) or full (ExifTool as well).',
    fallback: 'fast',
    of: PROFILES,
  }),
  pixelFacts: choice('PIXEL_FACTS', {
    about:
      'Whether images are decoded for hashes, placeholders and colours where a job does not say: on or off.',
    fallback: 'on',
    of: ['on', 'off'],
  }),
  decoders: integer('DECODERS', {
    about: 'Child processes that read images, each one image at a time; 0 means one a core.',
    fallback: 0,
    min: 0,
    max: 256,
  }),
  decoderMemoryBytes: integer('DECODER_MEMORY_BYTES', {
    about:
      'Address space of one decoder, in bytes (Linux). Most of it is Node.js’ reserve: 2/13 can be filled. Raise it with MAX_DECODED_BYTES and with MAX_UPLOAD_BYTES above 100 MB.',
    fallback: 1_610_612_736,
    min: 1_073_741_824,
    max: 1_099_511_627_776,
  }),
  decodeTimeoutMs: integer('DECODE_TIMEOUT_MS', {
    about: 'Longest time one image may keep a decoder busy, in milliseconds.',
    fallback: 10_000,
    min: 100,
    max: 600_000,
  }),
  decoderRecycleAfter: integer('DECODER_RECYCLE_AFTER', {
    about: 'Images after which a decoder is replaced by a fresh one.',
    fallback: 10_000,
    min: 1,
    max: 1_000_000,
  }),
  maxPixels: integer('MAX_PIXELS', {
    about:
      'Largest picture that is decoded for its pixel facts, in pixels. A larger one keeps all its other facts.',
    fallback: DEFAULT_PIXEL_LIMITS.maxPixels,
    min: 1,
    max: 1_000_000_000,
  }),
  maxHeifPixels: integer('MAX_HEIF_PIXELS', {
    about: 'The same for AVIF and HEIF, whose decoders need far more memory, in pixels.',
    fallback: DEFAULT_PIXEL_LIMITS.maxHeifPixels,
    min: 1,
    max: 1_000_000_000,
  }),
  maxDecodedBytes: integer('MAX_DECODED_BYTES', {
    about:
      'Most memory that decoding a picture may take, its file included, in bytes. One that takes more keeps all its other facts.',
    fallback: DEFAULT_PIXEL_LIMITS.maxDecodedBytes,
    min: 1,
    max: 1_099_511_627_776,
  }),
  exiftoolProcesses: integer('EXIFTOOL_PROCESSES', {
    about: 'ExifTool processes of the full profile; started when first needed.',
    fallback: 1,
    min: 1,
    max: 64,
  }),
  exiftoolTimeoutMs: integer('EXIFTOOL_TIMEOUT_MS', {
    about: 'Longest time ExifTool may take for one image, in milliseconds.',
    fallback: 5000,
    min: 100,
    max: 600_000,
  }),
  exiftoolMemoryBytes: integer('EXIFTOOL_MEMORY_BYTES', {
    about: 'Address space of one ExifTool process, in bytes (Linux).',
    fallback: 367_001_600,
    min: 134_217_728,
    max: 1_099_511_627_776,
  }),
  exiftoolRecycleAfter: integer('EXIFTOOL_RECYCLE_AFTER', {
    about: 'Images after which an ExifTool process is replaced by a fresh one.',
    fallback: 500,
    min: 1,
    max: 1_000_000,
  }),
};
