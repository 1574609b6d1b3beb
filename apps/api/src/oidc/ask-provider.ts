// Asks an OIDC provider for the keys that it signs with: discovery, then the key set. One deadline and one size for whatever it answers.
import { createLocalJWKSet, type JSONWebKeySet, type LocalJWKSet } from 'jose';
import { Agent, type Dispatcher, request } from 'undici';
import { isBelievable } from './settings.ts';

export interface AskOptions {
  issuer: string;
  /** For both requests together. */
  timeoutMs: number;
  /** Of each answer. */
  maxBytes: number;
  /** Ends it early. */
  signal: AbortSignal;
}

/**
 * Never follows redirects, and keeps no connection.
 * @throws Error that says what is wrong with the provider
 */
export async function askForKeys({ issuer, timeoutMs, maxBytes, signal }: AskOptions): Promise<LocalJWKSet> {
  const agent = new Agent({ connect: { timeout: timeoutMs }, maxResponseSize: maxBytes });
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    return await Promise.race([askBoth(issuer, { dispatcher: agent, signal: deadline }), rejectOn(deadline)]);
  } finally {
    await agent.destroy();
  }
}

type Asking = { dispatcher: Dispatcher; signal: AbortSignal };

async function askBoth(issuer: string, asking: Asking): Promise<LocalJWKSet> {
  const discovery = await getObject(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, asking);
  // OpenID Connect Discovery 1.0, section 4.3: exactly, or one provider could speak for another.
  if (discovery.issuer !== issuer)
    throw new Error(`The provider calls itself ${JSON.stringify(discovery.issuer)}, not "${issuer}"`);
  const { jwks_uri: keysUrl } = discovery;
  if (typeof keysUrl !== 'string' || !isBelievable(keysUrl))
    throw new Error(`The provider's jwks_uri is no https address: ${JSON.stringify(keysUrl)}`);
  return createLocalJWKSet((await getObject(keysUrl, asking)) as unknown as JSONWebKeySet);
}

async function getObject(url: string, asking: Asking): Promise<Record<string, unknown>> {
  const headers = {
    accept: 'application/json',
    'accept-encoding': 'identity',
    'user-agent': 'Tintype (OIDC)',
  };
  const { statusCode, body } = await request(url, { ...asking, headers });
  if (statusCode !== 200) {
    body.on('error', () => undefined).destroy();
    throw new Error(`${url} answered ${statusCode}`);
  }
  const value: unknown = await body.json();
  if (typeof value !== 'object' || value === null) throw new Error(`${url} answered no JSON object`);
  return value as Record<string, unknown>;
}

/** undici hears of an abort only once it is connected. */
function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
