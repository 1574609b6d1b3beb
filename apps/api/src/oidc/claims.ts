// What the claims of a token say: whom it is for, what it may be used for, and who it speaks for. Knows no signatures and no clock.
import type { JWTHeaderParameters, JWTPayload } from 'jose';
import type { VerifiedToken } from '../auth/token-verifier.ts';

export interface ClaimRules {
  audience: readonly string[];
  groupsClaim: string;
  /** Empty: no group. */
  adminGroup: string;
}

/** OpenID Connect Core 1.0, section 2. */
const MAX_SUBJECT_CHARACTERS = 255;
/** RFC 5321, section 4.5.3.1, less the brackets. */
const MAX_EMAIL_CHARACTERS = 254;
const MAX_NAME_CHARACTERS = 200;

/** Of ID tokens and of access tokens (RFC 9068). Others are signed with the same keys: logout tokens, security events. */
const TYPES: ReadonlySet<unknown> = new Set([
  undefined,
  'jwt',
  'application/jwt',
  'at+jwt',
  'application/at+jwt',
]);
/** Amazon Cognito's word for what a token is; other providers have none. */
const USES: ReadonlySet<unknown> = new Set([undefined, 'id', 'access']);

/** Why this token is not for us, as the end of the sentence "The token …"; undefined when it is. */
export function whyNotOurs(
  header: JWTHeaderParameters,
  claims: JWTPayload,
  { audience }: ClaimRules,
): string | undefined {
  if (!TYPES.has(typeOf(header)) || claims.events !== undefined || !USES.has(claims.token_use))
    return 'is neither an ID token nor an access token';
  // Whoever has seen it could use it: it needs a proof that is not asked for here (RFC 7800, RFC 9449).
  if (claims.cnf !== undefined) return 'is bound to a key of the client, and no proof of that is taken here';
  if (!isSubject(claims.sub)) return 'names nobody';
  if (!audienceOf(claims).some((one) => audience.includes(one))) return 'is meant for somebody else';
  return undefined;
}

/** Media types know no capitals. */
function typeOf({ typ }: { typ?: unknown }): unknown {
  return typeof typ === 'string' ? typ.toLowerCase() : typ;
}

/** An access token of Amazon Cognito has no `aud`, unless it was asked for one: then that counts alone. */
function audienceOf({ aud, token_use, client_id }: JWTPayload): readonly string[] {
  if (aud !== undefined) return [aud].flat();
  return token_use === 'access' && typeof client_id === 'string' ? [client_id] : [];
}

/** What PostgreSQL could not store is no subject, and neither is what it would store as another. */
function isSubject(sub: unknown): sub is string {
  return (
    typeof sub === 'string' &&
    sub !== '' &&
    sub.length <= MAX_SUBJECT_CHARACTERS &&
    /^[^\p{Cc}\p{Cs}]+$/u.test(sub)
  );
}

/** Of claims that are ours. */
export function personOf(
  claims: JWTPayload,
  { groupsClaim, adminGroup }: ClaimRules,
): Pick<VerifiedToken, 'subject' | 'email' | 'name' | 'isAdmin'> {
  return {
    subject: String(claims.sub),
    email: emailOf(claims),
    name: nameOf(claims),
    isAdmin: adminGroup !== '' && groupsOf(claims, groupsClaim).includes(adminGroup),
  };
}

function emailOf({ email, email_verified: isVerified }: JWTPayload): string | null {
  // Some providers write booleans as text.
  if (typeof email !== 'string' || isVerified === false || isVerified === 'false') return null;
  return email.length <= MAX_EMAIL_CHARACTERS &&
    /^[^\s@\p{Cc}\p{Cf}\p{Cs}]+@[^\s@\p{Cc}\p{Cf}\p{Cs}]+$/u.test(email)
    ? email
    : null;
}

function nameOf({ name }: JWTPayload): string | null {
  if (typeof name !== 'string') return null;
  const clean = name.replace(/[\p{Cc}\p{Cs}]/gu, '').trim();
  return [...clean].slice(0, MAX_NAME_CHARACTERS).join('') || null;
}

/** A list, or a text that lists: separated by commas, or else by spaces. */
function groupsOf(claims: JWTPayload, path: string): readonly unknown[] {
  const groups = valueAt(claims, path);
  if (Array.isArray(groups)) return groups;
  if (typeof groups !== 'string') return [];
  const separator = groups.includes(',') ? ',' : /\s+/;
  return groups.split(separator).map((group) => group.trim());
}

/** The claim of that name; names may be URLs, so that dots lead into objects only where there is none. */
function valueAt(claims: unknown, path: string): unknown {
  if (typeof claims !== 'object' || claims === null) return undefined;
  if (Object.hasOwn(claims, path)) return (claims as Record<string, unknown>)[path];
  const [first = '', ...rest] = path.split('.');
  if (rest.length === 0 || !Object.hasOwn(claims, first)) return undefined;
  return valueAt((claims as Record<string, unknown>)[first], rest.join('.'));
}
