import { AppError } from '@tintype/core';
import t from 'tap';
import type { TokenVerifier } from '../src/auth/token-verifier.ts';
import type { User } from '../src/schemas/user.ts';
import { startApi } from './app.ts';
import { call } from './client.ts';
import { PASSWORD, ROOMY, said } from './people.ts';

/** Logins are remembered for longer than any test takes. */
const PATIENT = { ...ROOMY, KEY_CACHE_MS: '60000' };
const api = await startApi({ env: PATIENT });
const OTHER_PASSWORD = 'staple battery horse';

t.test('bearer tokens of a provider', async (t) => {
  const verify: TokenVerifier['verify'] = async (text) => {
    const [subject = '', email = '', admin] = text.split('.');
    if (subject !== 'ada' && subject !== 'grace') throw new AppError('UNAUTHENTICATED');
    return {
      subject,
      issuer: 'https://issuer.example',
      email,
      name: null,
      isAdmin: admin === 'admin',
      expiresAt: new Date(Date.now() + 3_600_000),
    };
  };
  const withTokens = await startApi({ env: PATIENT, swap: () => ({ tokens: { verify } }) });
  const asBearer = (
    text: string,
    path = '/v1/users/me',
    method: 'GET' | 'DELETE' | 'PUT' = 'GET',
    body?: object,
  ) =>
    call(withTokens, path, {
      ...{ method, key: null },
      headers: {
        authorization: `Bearer ${text}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
  const first = (await asBearer('ada.ada@example')).json<{ user: User; credential: string; plan: string }>();
  t.match(first, {
    credential: 'token',
    plan: 'unlimited',
    user: { email: 'ada@example', hasPassword: false, issuer: 'https://issuer.example' },
  });
  const later = (await asBearer('ada.lovelace@example')).json<{ user: User }>();
  t.match(
    later.user,
    { id: first.user.id, email: 'lovelace@example' },
    'the same person, and what is said of her now',
  );
  t.not(
    (await asBearer('grace.ada@example')).json<{ user: User }>().user.id,
    first.user.id,
    'never joined by address',
  );

  const table: [text: string, path: string, said: string][] = [
    ['mallory.m', '/v1/users/me', '401 UNAUTHENTICATED'],
    ['ada.a', '/v1/users', '403 FORBIDDEN'],
    ['ada.a.admin', '/v1/users', '200'],
    ['ada.a', '/v1/api-keys', '200'],
  ];
  for (const [text, path, expected] of table)
    t.equal(said(await asBearer(text, path)), expected, `${text} ${path}`);
  const passwords = { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD };
  t.equal(said(await asBearer('ada.a', '/v1/users/me/password', 'PUT', passwords)), '409 NO_PASSWORD');
  t.equal((await asBearer('ada.a', '/v1/sessions/current', 'DELETE')).status, 204, 'there is nothing to end');

  const remove = (body: object) => asBearer('ada.a', '/v1/users/me', 'DELETE', body);
  t.equal(said(await remove({})), '400 INVALID_REQUEST');
  t.equal(said(await remove({ password: PASSWORD })), '400 INVALID_REQUEST');
  t.equal(said(await remove({ confirm: 'delete' })), '204');
  const anew = (await asBearer('ada.a')).json<{ user: User }>();
  t.not(anew.user.id, first.user.id, 'who comes again with a token of the provider begins anew');
  t.equal(
    said(await call(api, '/v1/users/me', { key: null, headers: { authorization: 'Bearer ada.a' } })),
    '401 UNAUTHENTICATED',
    'where no provider is configured',
  );
});
