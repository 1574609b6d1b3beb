// Makes the address that an <img> tag can have: one picture, until a time, without a credential.
import { type SigningKey, signAddress, type Transform } from '@tintype/core';

export interface SignedUrl {
  url: string;
  expiresAt: Date;
}

/** @param base where clients reach the API; empty: the address begins with a slash */
export function makeSignedUrl(
  { path, transform = {}, seconds }: { path: string; transform?: Transform | undefined; seconds: number },
  { key, base }: { key: SigningKey; base: string },
): SignedUrl {
  // Whole seconds, as they stand in the address.
  const expiresAt = new Date((Math.floor(Date.now() / 1000) + seconds) * 1000);
  const address = signAddress({ path, query: transform, expiresAt }, key);
  return { url: `${base}${address}`, expiresAt };
}
