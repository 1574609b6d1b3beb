import { createLogger } from '@tintype/core';
import t from 'tap';
import { openTokenVerifier } from '../src/oidc/open-token-verifier.ts';
import { readOidc } from './oidc-verifier.ts';

t.test('without an issuer there is nothing to verify with', async (t) => {
  t.equal(openTokenVerifier(readOidc({}), createLogger({ name: 'test', level: 'silent' })), undefined);
});

t.test('settings that can not be right', async (t) => {
  const url = 'https://issuer.example/pool';
  const table: [env: Record<string, string>, message: RegExp | undefined][] = [
    [{}, undefined],
    [{ OIDC_AUDIENCE: 'a' }, undefined],
    [{ OIDC_ISSUER: url, OIDC_AUDIENCE: 'a' }, undefined],
    [{ OIDC_ISSUER: 'http://localhost:8080/realms/x', OIDC_AUDIENCE: 'a' }, undefined],
    [{ OIDC_ISSUER: 'http://[::1]:8080', OIDC_AUDIENCE: 'a' }, undefined],
    [{ OIDC_ISSUER: url }, /^OIDC_AUDIENCE is not set: with OIDC_ISSUER/],
    [{ OIDC_ISSUER: url, OIDC_AUDIENCE: ' , ' }, /^OIDC_AUDIENCE is not set/],
    [{ OIDC_ISSUER: 'issuer.example' }, /^OIDC_ISSUER must be an URL that begins with https:/],
    [{ OIDC_ISSUER: 'none' }, /^OIDC_ISSUER must be an URL/],
    [
      { OIDC_ISSUER: 'http://issuer.example' },
      /^OIDC_ISSUER must be .* https:\/\/ \(http:\/\/ for localhost alone\)/,
    ],
    [{ OIDC_ISSUER: 'http://127.0.0.1.example.com' }, /^OIDC_ISSUER must be/],
    [{ OIDC_ISSUER: 'http://localhost.example.com' }, /^OIDC_ISSUER must be/],
    [{ OIDC_ISSUER: 'ftp://issuer.example' }, /^OIDC_ISSUER must be/],
    [{ OIDC_ISSUER: `${url}?x=1` }, /^OIDC_ISSUER must be an URL without query/],
    [{ OIDC_ISSUER: `${url}#x` }, /^OIDC_ISSUER must be an URL without query/],
    [{ OIDC_ISSUER: 'https://me:hunter2@issuer.example' }, /^OIDC_ISSUER must be an URL without query/],
    [{ OIDC_ISSUER: `${url}/${'x'.repeat(1000)}` }, /^OIDC_ISSUER must be .* at most 1000 characters/],
    [{ OIDC_TIMEOUT_MS: '0' }, /^OIDC_TIMEOUT_MS must be/],
    [{ OIDC_CLOCK_TOLERANCE_SECONDS: '601' }, /^OIDC_CLOCK_TOLERANCE_SECONDS must be/],
  ];
  for (const [env, message] of table) {
    const read = () => readOidc(env);
    if (message === undefined) t.doesNotThrow(read, JSON.stringify(env));
    else t.throws(read, { name: 'ConfigError', message });
    if (message !== undefined) t.throws(read, { message: /^((?!hunter2).)*$/ }, 'no secret');
  }
});
