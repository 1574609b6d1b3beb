// Signs what is sent, as Standard Webhooks 1.0 says (symmetric, `v1`): https://github.com/standard-webhooks/standard-webhooks
import { createHmac } from 'node:crypto';

export interface SignedHeaders {
  'webhook-id': string;
  /** Whole seconds since 1970. */
  'webhook-timestamp': string;
  /** `v1,<base64>` for each secret, separated by spaces. */
  'webhook-signature': string;
}

const PREFIX = 'whsec_';

/** @param secrets `whsec_<base64>`; while one takes over from another, both sign */
export function sign(
  { id, body, at }: { id: string; body: string; at: Date },
  secrets: readonly string[],
): SignedHeaders {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signed = `${id}.${timestamp}.${body}`;
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', keyOf(secret)).update(signed).digest('base64')}`,
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}

function keyOf(secret: string): Buffer {
  return Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64');
}
