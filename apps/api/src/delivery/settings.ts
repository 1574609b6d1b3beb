// The environment of delivery by URL: what is made by name, how long anybody waits for it, how much is kept in memory.
import { integer, url } from '@tintype/core';
import { presets } from './presets.ts';

const publicUrl = url('PUBLIC_URL', {
  about:
    'Where clients reach the API, for signed addresses: https://images.example.com. Empty: they begin with a slash.',
  fallback: '',
  protocols: ['https:', 'http:'],
});

export const deliverySettings = {
  presets: presets('PRESETS', {
    about:
      'Derivatives that have a name here: a JSON object, name → transform. A name that an upload gives to another transform is its own.',
    fallback: JSON.stringify({
      thumb: { width: 320, height: 320, fit: 'inside' },
      square: { width: 400, height: 400, gravity: 'attention' },
      web: { width: 1600, height: 1600, fit: 'inside', format: 'webp' },
      auto: { width: 1600, height: 1600, fit: 'inside', format: 'auto' },
    }),
  }),
  renderWaitMs: integer('RENDER_WAIT_MS', {
    about:
      'How long a request waits for a picture that is still being made, in milliseconds, before it is answered 503.',
    fallback: 10_000,
    min: 0,
    max: 300_000,
  }),
  renderFailedMs: integer('RENDER_FAILED_MS', {
    about: 'How long a picture that could not be made is not tried again, in milliseconds.',
    fallback: 300_000,
    min: 0,
    max: 86_400_000,
  }),
  maxDerivativesPerImage: integer('MAX_DERIVATIVES_PER_IMAGE', {
    about:
      'Most pictures that are made of one image, or of one file, beside those that were named at upload.',
    fallback: 200,
    min: 0,
    max: 100_000,
  }),
  maxDerivativesAtUpload: integer('MAX_DERIVATIVES_AT_UPLOAD', {
    about: 'Most derivatives that one upload may name.',
    fallback: 10,
    min: 0,
    max: 50,
  }),
  maxSignedUrlSeconds: integer('MAX_SIGNED_URL_SECONDS', {
    about: 'Longest time that a signed address may count, in seconds.',
    fallback: 604_800,
    min: 1,
    max: 315_360_000,
  }),
  publicUrl: {
    ...publicUrl,
    parse: (text: string) => publicUrl.parse(text).replace(/\/+$/, ''),
  },
  deliveryMaxAgeSeconds: integer('DELIVERY_MAX_AGE_SECONDS', {
    about:
      'How long browsers and caches may keep, in seconds, what may change behind its address: presets, files by path, and public images, which may be so no longer.',
    fallback: 3600,
    min: 0,
    max: 31_536_000,
  }),
  deliveryCacheBytes: integer('DELIVERY_CACHE_BYTES', {
    about: 'Memory that one process uses to keep pictures that were delivered, in bytes; 0 keeps none.',
    fallback: 67_108_864,
    min: 0,
    max: 64_000_000_000,
  }),
};
