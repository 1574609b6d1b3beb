// The secrets that sign webhooks (Standard Webhooks 1.0, "Signature scheme"): `whsec_` and base64 of 32 random bytes.
import { randomBytes } from 'node:crypto';

export function makeWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`;
}
