// The part of the environment about accounts: registration, sessions, passwords and OIDC.
import { choice, integer, text } from '@tintype/core';
import { oidcSettings } from './oidc/settings.ts';

export const accountSettings = {
  registration: choice('REGISTRATION', {
    about:
      'open: anybody may make an account; closed: only administrators do, by "tintype admin create-user".',
    fallback: 'open',
    of: ['open', 'closed'],
  }),
  defaultPlan: text('DEFAULT_PLAN', { about: 'The plan of those who register.', fallback: 'free' }),
  sessionDays: integer('SESSION_DAYS', {
    about: 'How long a login lasts, in days.',
    fallback: 30,
    min: 1,
    max: 3650,
  }),
  secureCookies: choice('SECURE_COOKIES', {
    about:
      'yes: the session cookie is sent over https alone (and to localhost); no: over plain http too, for a network that you trust.',
    fallback: 'yes',
    of: ['yes', 'no'],
  }),
  passwordMemoryKib: integer('PASSWORD_MEMORY_KIB', {
    about: 'Memory that hashing one password takes (argon2id), in KiB. Never less than 19456.',
    fallback: 19_456,
    min: 19_456,
    max: 4_194_304,
  }),
  loginAttempts: integer('LOGIN_ATTEMPTS', {
    about: 'Failed logins of one account within LOGIN_WINDOW_SECONDS, after which it has to wait.',
    fallback: 10,
    min: 1,
    max: 100_000,
  }),
  loginAttemptsPerAddress: integer('LOGIN_ATTEMPTS_PER_ADDRESS', {
    about:
      'Failed logins, and registrations, from one address (IPv6: one /64) within LOGIN_WINDOW_SECONDS, after which it has to wait.',
    fallback: 50,
    min: 1,
    max: 1_000_000,
  }),
  loginWindowSeconds: integer('LOGIN_WINDOW_SECONDS', {
    about: 'The window in which attempts are counted, in seconds.',
    fallback: 900,
    min: 1,
    max: 86_400,
  }),
  maxLoginsAtOnce: integer('MAX_LOGINS_AT_ONCE', {
    about:
      'Logins, registrations and changes of passwords that one process takes at once, hashing one a core; those beyond are answered 503.',
    fallback: 100,
    min: 1,
    max: 100_000,
  }),
  maxApiKeys: integer('MAX_API_KEYS', {
    about: 'Most live API keys that one account may have.',
    fallback: 100,
    min: 1,
    max: 100_000,
  }),
  ...oidcSettings,
};
