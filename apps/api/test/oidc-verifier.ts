// The verifier of tokens without an API around it, with a clock that stands still unless it is pushed.
import { AppError, createLogger, type Logger, readEnvironment } from '@tintype/core';
import t from 'tap';
import { openTokenVerifier } from '../src/oidc/open-token-verifier.ts';
import { checkOidc, type OidcConfig, oidcSettings } from '../src/oidc/settings.ts';
import { CLIENT_ID, type Issuer } from './issuer.ts';

/** What `tell` answers for a token that is refused; and with a pause behind it, while the provider is away. */
export const REFUSED = 'UNAUTHENTICATED';
export const AWAY = 'IDENTITY_PROVIDER_UNAVAILABLE';

/** What `judge` answers for a token that is refused. */
export const refused = (why: string) => ({ code: REFUSED, message: `The token ${why}.` });

/** @throws ConfigError */
export function readOidc(env: Record<string, string>): OidcConfig {
  const config = readEnvironment(oidcSettings, env);
  checkOidc(config);
  return config;
}

export function openVerifier(
  { url }: Issuer,
  { env = {}, nowMs = () => Date.now() }: { env?: Record<string, string>; nowMs?: () => number } = {},
) {
  let elapsedMs = 0;
  const warnings: string[] = [];
  const log: Logger = Object.assign(createLogger({ name: 'test', level: 'silent' }), {
    warn: ({ err }: { err: Error }) => warnings.push(err.message),
  });
  // The machine may be busy.
  const config = readOidc({ OIDC_ISSUER: url, OIDC_AUDIENCE: CLIENT_ID, OIDC_TIMEOUT_MS: '20000', ...env });
  const opened = openTokenVerifier(config, log, { nowMs, elapsedMs: () => elapsedMs });
  if (opened === undefined) throw new Error('There is no verifier.');
  const { verify, close } = opened;
  t.teardown(close);

  async function ask<Answer>(token: string, explain: (error: AppError) => Answer) {
    try {
      return await verify(token);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return explain(error);
    }
  }

  return {
    warnings,
    verify,
    close,
    pass: (seconds: number) => {
      elapsedMs += seconds * 1000;
    },
    /** Who it speaks for, or why not. */
    judge: (token: string) => ask<object>(token, ({ code, message }) => ({ code, message })),
    /** The subject, or the code and when to come back. */
    tell: async (token: string): Promise<string> => {
      const answer = await ask(token, ({ code, retryAfterSeconds = '' }) =>
        `${code} ${retryAfterSeconds}`.trim(),
      );
      return typeof answer === 'object' ? answer.subject : String(answer);
    },
  };
}
