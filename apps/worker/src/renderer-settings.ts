// The part of the environment that rendering pictures needs.
import { integer } from '@tintype/core';

export const rendererSettings = {
  renderers: integer('RENDERERS', {
    about:
      'Child processes that render pictures, each one at a time, started with the first; 0 means one a core.',
    fallback: 0,
    min: 0,
    max: 256,
  }),
  rendererMemoryBytes: integer('RENDERER_MEMORY_BYTES', {
    about:
      'Address space of one renderer, in bytes (Linux). A third of it can be filled: with the default, an AVIF of 13 megapixels fits. A picture that takes more is refused.',
    fallback: 2_147_483_648,
    min: 1_073_741_824,
    max: 1_099_511_627_776,
  }),
  renderTimeoutMs: integer('RENDER_TIMEOUT_MS', {
    about: 'Longest time one picture may keep a renderer busy, in milliseconds.',
    fallback: 30_000,
    min: 100,
    max: 600_000,
  }),
  rendererRecycleAfter: integer('RENDERER_RECYCLE_AFTER', {
    about: 'Pictures after which a renderer is replaced by a fresh one.',
    fallback: 1000,
    min: 1,
    max: 1_000_000,
  }),
  maxRenderInputPixels: integer('MAX_RENDER_INPUT_PIXELS', {
    about: 'Largest picture that is rendered, in pixels; of an animation, all frames together.',
    fallback: 64_000_000,
    min: 1,
    max: 1_000_000_000,
  }),
  maxRenderPixels: integer('MAX_RENDER_PIXELS', {
    about: 'Largest picture that is made, in pixels; of an animation, all frames together.',
    fallback: 64_000_000,
    min: 1,
    max: 1_000_000_000,
  }),
  maxRenderSide: integer('MAX_RENDER_SIDE', {
    about: 'Longest side of a picture that is made, in pixels.',
    fallback: 16_384,
    min: 1,
    max: 65_535,
  }),
};
