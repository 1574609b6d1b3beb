// The part of the environment about an OIDC provider: whose tokens are believed, what is read from them, and how long anything is waited for.
import { ConfigError, type Environment, integer, list, type Setting, text, url } from '@tintype/core';

/** The issuer and a subject make one index entry of PostgreSQL, which may not have more than 2704 bytes. */
const MAX_ISSUER_CHARACTERS = 1000;

export const oidcSettings = {
  oidcIssuer: issuer('OIDC_ISSUER', {
    about:
      'Issuer of the OIDC provider whose bearer tokens are believed, exactly as it calls itself: https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Example. Empty: none.',
  }),
  oidcAudience: list('OIDC_AUDIENCE', {
    about:
      'Client ids, or audiences, whose tokens are believed, separated by commas. Required with OIDC_ISSUER.',
  }),
  oidcGroupsClaim: text('OIDC_GROUPS_CLAIM', {
    about:
      'The claim that lists the groups of a person; dots lead into objects (realm_access.roles) where no claim has the whole name.',
    fallback: 'cognito:groups',
  }),
  oidcAdminGroup: text('OIDC_ADMIN_GROUP', {
    about: 'The group whose members operate the service, as long as their token says so. Empty: none.',
    fallback: '',
  }),
  oidcTimeoutMs: integer('OIDC_TIMEOUT_MS', {
    about:
      "Longest wait for the provider's keys, in milliseconds; who needs them is answered 503 after that.",
    fallback: 3000,
    min: 100,
    max: 60_000,
  }),
  oidcKeysSeconds: integer('OIDC_KEYS_SECONDS', {
    about: "How long the provider's keys are used before they are asked for anew, in seconds.",
    fallback: 600,
    min: 1,
    max: 86_400,
  }),
  oidcKeysKeepSeconds: integer('OIDC_KEYS_KEEP_SECONDS', {
    about: 'How long known keys are used while the provider can not be reached, in seconds.',
    fallback: 86_400,
    min: 1,
    max: 31_536_000,
  }),
  oidcCooldownSeconds: integer('OIDC_COOLDOWN_SECONDS', {
    about:
      'The provider is asked at most once in so many seconds, whatever unknown keys tokens name. A new key works no later than this.',
    fallback: 10,
    min: 0,
    max: 3600,
  }),
  oidcClockToleranceSeconds: integer('OIDC_CLOCK_TOLERANCE_SECONDS', {
    about: "How far the provider's clock and ours may be apart, in seconds: a token works so much longer.",
    fallback: 60,
    min: 0,
    max: 600,
  }),
  oidcMaxTokenBytes: integer('OIDC_MAX_TOKEN_BYTES', {
    about: 'Longest token that is looked at, in bytes. Node.js takes 16384 bytes of headers altogether.',
    fallback: 16_384,
    min: 256,
    max: 1_048_576,
  }),
  oidcMaxAnswerBytes: integer('OIDC_MAX_ANSWER_BYTES', {
    about: 'Longest answer of the provider that is read, in bytes.',
    fallback: 262_144,
    min: 1024,
    max: 16_777_216,
  }),
};

export type OidcConfig = Environment<typeof oidcSettings>;

/** @throws ConfigError for settings that are right each and wrong together */
export function checkOidc({ oidcIssuer, oidcAudience }: OidcConfig): void {
  if (oidcIssuer !== '' && oidcAudience.length === 0) {
    throw new ConfigError(
      'OIDC_AUDIENCE is not set: with OIDC_ISSUER it must name the client ids whose tokens are believed.',
    );
  }
}

function issuer(name: string, { about }: { about: string }): Setting<string> {
  const setting = url(name, { about, protocols: ['https:', 'http:'], fallback: '' });
  return {
    ...setting,
    parse: (value) => {
      const issuer = setting.parse(value);
      if (issuer !== '' && !isBelievable(issuer))
        throw new Error('must be an URL that begins with https:// (http:// for localhost alone)');
      // OpenID Connect Discovery 1.0, section 3: no query and no fragment.
      if (/[?#@]/.test(issuer) || issuer.length > MAX_ISSUER_CHARACTERS)
        throw new Error(
          `must be an URL without query, fragment and user, of at most ${MAX_ISSUER_CHARACTERS} characters`,
        );
      return issuer;
    },
  };
}

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whoever can change an answer on its way could sign tokens: https alone, but for this machine. */
export function isBelievable(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname));
}
