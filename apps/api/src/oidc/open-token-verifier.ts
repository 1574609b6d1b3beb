// Whether a bearer token is what the OIDC provider signed, for us, and still holds. Knows no users: those are the database's.
import { AppError, type Logger } from '@tintype/core';
import {
  type CryptoKey,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTHeaderParameters,
  type JWTPayload,
  type JWTVerifyOptions,
  jwtVerify,
  type LocalJWKSet,
} from 'jose';
import type { TokenVerifier, VerifiedToken } from '../auth/token-verifier.ts';
import { askForKeys } from './ask-provider.ts';
import { personOf, whyNotOurs } from './claims.ts';
import { type ProviderKeys, rememberKeys } from './provider-keys.ts';
import type { OidcConfig } from './settings.ts';

/** Signatures by a private key alone. With HS256 whoever knows a public key could sign (RFC 8725, section 2.1). */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/** The last moment that a Date knows. */
const END_OF_TIME_MS = 8.64e15;

export interface OpenedTokenVerifier extends TokenVerifier {
  close(): void;
}

/** What time it is: for people, and for durations. */
export interface Clock {
  nowMs: () => number;
  elapsedMs: () => number;
}

const SYSTEM_CLOCK: Clock = { nowMs: () => Date.now(), elapsedMs: () => performance.now() };

/**
 * Undefined without OIDC_ISSUER. The provider is asked for its keys at once, but not waited for: when it is away, those who come with a
 * token are answered IDENTITY_PROVIDER_UNAVAILABLE until it is back, and nobody else notices.
 */
export function openTokenVerifier(
  config: OidcConfig,
  log: Logger,
  clock: Clock = SYSTEM_CLOCK,
): OpenedTokenVerifier | undefined {
  if (config.oidcIssuer === '') return undefined;
  const issuer = config.oidcIssuer;
  const closing = new AbortController();
  const keys = rememberKeys({
    ask: (signal) =>
      askForKeys({
        ...{ issuer, signal },
        timeoutMs: config.oidcTimeoutMs,
        maxBytes: config.oidcMaxAnswerBytes,
      }),
    refreshMs: config.oidcKeysSeconds * 1000,
    keepMs: config.oidcKeysKeepSeconds * 1000,
    cooldownMs: config.oidcCooldownSeconds * 1000,
    log,
    signal: closing.signal,
    elapsedMs: clock.elapsedMs,
  });
  const rules = {
    audience: config.oidcAudience,
    groupsClaim: config.oidcGroupsClaim,
    adminGroup: config.oidcAdminGroup,
  };
  const toleranceSeconds = config.oidcClockToleranceSeconds;

  return {
    verify: async (token) => {
      if (token.length > config.oidcMaxTokenBytes) throw refused('is too long');
      const { header, claims } = decode(token);
      // The provider is asked for nothing by tokens that it can not have signed for us.
      if (!ALGORITHMS.includes(header.alg)) throw refused('is signed in a way that is not taken here');
      if (claims.iss !== issuer) throw refused('is of another issuer');
      const why = whyNotOurs(header, claims, rules);
      if (why !== undefined) throw refused(why);
      const nowMs = clock.nowMs();
      if (typeof claims.exp !== 'number') throw refused('does not say when it expires');
      const believedUntilMs = (claims.exp + toleranceSeconds) * 1000;
      if (believedUntilMs <= nowMs) throw refused('has expired');

      const verified = await verifySignature(token, keys, {
        algorithms: ALGORITHMS,
        issuer,
        requiredClaims: ['sub', 'exp'],
        clockTolerance: toleranceSeconds,
        currentDate: new Date(nowMs),
      });
      const expiresAt = new Date(Math.min(believedUntilMs, END_OF_TIME_MS));
      return { issuer, ...personOf(verified, rules), expiresAt } satisfies VerifiedToken;
    },

    close: () => closing.abort(new Error('closed')),
  };
}

interface DecodedToken {
  header: JWTHeaderParameters;
  claims: JWTPayload;
}

/** Nothing of it is true yet. */
function decode(token: string): DecodedToken {
  try {
    return { header: decodeProtectedHeader(token) as JWTHeaderParameters, claims: decodeJwt(token) };
  } catch {
    throw refused('is none');
  }
}

/** @throws AppError UNAUTHENTICATED, IDENTITY_PROVIDER_UNAVAILABLE */
async function verifySignature(
  token: string,
  keys: ProviderKeys,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  const known = await keys.known();
  try {
    return await verifyWith(known, token, options);
  } catch (error) {
    if (!(error instanceof errors.JWKSNoMatchingKey)) throw refusalOf(error);
    const newer = await keys.newer(known);
    if (newer === undefined) throw refusalOf(error);
    return await verifyWith(newer, token, options).catch((again) => {
      throw refusalOf(again);
    });
  }
}

async function verifyWith(set: LocalJWKSet, token: string, options: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, set, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    return verifyWithAny(error, token, options);
  }
}

/** A token that does not name its key may be signed by any of those that fit. */
async function verifyWithAny(
  keys: AsyncIterable<CryptoKey>,
  token: string,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  for await (const key of keys) {
    try {
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw new errors.JWSSignatureVerificationFailed();
}

/** The library's errors carry the claims, which are nobody's business: only their text goes on. */
function refusalOf(error: unknown): AppError {
  const cause = error instanceof Error ? error.message : String(error);
  if (error instanceof errors.JWKSNoMatchingKey) return refused('is signed by an unknown key', cause);
  if (error instanceof errors.JWTClaimValidationFailed)
    return refused(error.claim === 'nbf' ? 'does not hold yet' : `has a wrong claim "${error.claim}"`, cause);
  return refused('is not signed by its issuer', cause);
}

function refused(why: string, cause?: string): AppError {
  return new AppError('UNAUTHENTICATED', { message: `The token ${why}.`, cause });
}
