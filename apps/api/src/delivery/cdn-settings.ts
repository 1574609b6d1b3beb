// The part of the environment about CloudFront, which may deliver pictures in the api's stead: where it is, and with what its addresses are signed.
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { ConfigError, type Environment, integer, type Setting, text, url } from '@tintype/core';

const address = url('CDN_URL', {
  about:
    'The CloudFront distribution that reads the bucket, to which requests for pictures that are ready are sent on: https://d111111abcdef8.cloudfront.net. Empty: the API delivers them.',
  fallback: '',
  protocols: ['https:'],
});

export const cdnSettings = {
  cdnUrl: {
    ...address,
    parse: (value: string) => {
      const parsed = address.parse(value);
      if (/[?#@]/.test(parsed)) throw new Error('must be an URL without query, fragment and user');
      return parsed.replace(/\/+$/, '');
    },
  },
  cdnKeyId: text('CDN_KEY_ID', {
    about: 'The id that CloudFront gave to the public key. Required with CDN_URL.',
    fallback: '',
  }),
  cdnPrivateKey: privateKey('CDN_PRIVATE_KEY', {
    about:
      'The private key, in PEM; line ends may be written \\n. RSA of 2048 bits, or ECDSA on P-256. Required with CDN_URL.',
  }),
  cdnUrlSeconds: integer('CDN_URL_SECONDS', {
    about: 'How long at most a signed address at CloudFront counts, in seconds; at least half as long.',
    fallback: 300,
    min: 60,
    max: 86_400,
  }),
  cdnMinBytes: integer('CDN_MIN_BYTES', {
    about: 'Smaller pictures the API delivers itself, in bytes.',
    fallback: 0,
    min: 0,
    max: 1_000_000_000,
  }),
};

export type CdnConfig = Environment<typeof cdnSettings>;

/** @throws ConfigError for settings that are right each and wrong together */
export function checkCdn(config: CdnConfig & { objectStoreUrl: string }): void {
  if (config.cdnUrl === '') return;
  for (const [name, value] of [
    ['CDN_KEY_ID', config.cdnKeyId],
    ['CDN_PRIVATE_KEY', config.cdnPrivateKey],
  ])
    if (value === '') throw new ConfigError(`${name} is not set: CDN_URL is worth nothing without.`);
  if (!config.objectStoreUrl.startsWith('s3:'))
    throw new ConfigError(
      'CDN_URL can not be used with this OBJECT_STORE_URL: CloudFront reads a bucket, and it names a folder.',
    );
}

function privateKey(name: string, { about }: { about: string }): Setting<string> {
  const setting = text(name, { about, fallback: '' });
  return {
    ...setting,
    parse: (value) => {
      const pem = setting.parse(value).replaceAll('\\n', '\n');
      // The message never repeats the value, and neither does it tell what OpenSSL says of it.
      if (pem !== '' && !isKnownToCloudFront(pem))
        throw new Error('must be a private key in PEM, RSA of 2048 bits or ECDSA on P-256');
      return pem;
    },
  };
}

function isKnownToCloudFront(pem: string): boolean {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    return false;
  }
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  return key.asymmetricKeyType === 'rsa' ? modulusLength === 2048 : namedCurve === 'prime256v1';
}
