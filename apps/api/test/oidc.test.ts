import t from 'tap';
import { CLIENT_ID, type Claims, startIssuer } from './issuer.ts';
import { openVerifier, refused } from './oidc-verifier.ts';

const issuer = await startIssuer('/eu-west-1_Example');
const { judge, verify } = openVerifier(issuer);
const nowSeconds = () => Math.floor(Date.now() / 1000);

const SHAPES: [what: string, claims: Claims, expected: object][] = [
  [
    'an ID token of Amazon Cognito',
    {
      sub: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
      aud: CLIENT_ID,
      token_use: 'id',
      'cognito:username': 'jane',
      'cognito:groups': ['tintype-admins'],
      email: 'jane@example.com',
      email_verified: true,
      name: 'Jane Doe',
      origin_jti: 'b1',
      auth_time: nowSeconds(),
    },
    {
      subject: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
      email: 'jane@example.com',
      name: 'Jane Doe',
      isAdmin: true,
    },
  ],
  [
    'an access token of Amazon Cognito',
    {
      sub: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
      aud: undefined,
      client_id: CLIENT_ID,
      token_use: 'access',
      scope: 'openid email',
      username: 'jane',
      'cognito:groups': ['others'],
      version: 2,
    },
    { subject: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee', email: null, name: null, isAdmin: false },
  ],
  [
    'a token like those of Keycloak',
    {
      aud: ['account', CLIENT_ID],
      azp: 'web',
      typ: 'Bearer',
      email: 'jane@example.com',
      email_verified: true,
      preferred_username: 'jane',
      realm_access: { roles: ['offline_access', 'tintype-admins'] },
    },
    { email: 'jane@example.com', isAdmin: false },
  ],
  [
    'a token like those of Auth0',
    {
      sub: 'auth0|507f1f77bcf86cd799439020',
      aud: [CLIENT_ID, 'https://tenant.example.com/userinfo'],
      azp: 'web',
      scope: 'openid profile',
      'https://example.com/groups': ['tintype-admins'],
    },
    { subject: 'auth0|507f1f77bcf86cd799439020', email: null, isAdmin: false },
  ],
];

t.test('tokens as providers make them', async (t) => {
  const { judge } = openVerifier(issuer, { env: { OIDC_ADMIN_GROUP: 'tintype-admins' } });
  for (const [what, claims, expected] of SHAPES)
    t.match(await judge(await issuer.sign(claims)), { issuer: issuer.url, ...expected }, what);
  const at = await issuer.sign({}, { fields: { typ: 'at+JWT' } });
  t.match(await judge(at), { subject: 'somebody' }, 'an access token by RFC 9068');
});

t.test('what is read of a person', async (t) => {
  const table: [claims: Claims, expected: object][] = [
    [{ email: 'a@b.example' }, { email: 'a@b.example' }],
    [{ email: 'a@b.example', email_verified: false }, { email: null }],
    [{ email: 'a@b.example', email_verified: 'false' }, { email: null }],
    [{ email: 'a@b.example', email_verified: 'true' }, { email: 'a@b.example' }],
    [{ email: ['a@b.example'] }, { email: null }],
    [{ email: 'nobody' }, { email: null }],
    [{ email: 'a@b\u0000.example' }, { email: null }],
    [{ email: `${'a'.repeat(250)}@b.example` }, { email: null }],
    [{ name: ' Jane\u0000 \ud800Doe\n' }, { name: 'Jane Doe' }],
    [{ name: '' }, { name: null }],
    [{ name: 7 }, { name: null }],
    [{ name: '🖼'.repeat(300) }, { name: '🖼'.repeat(200) }],
    [{ sub: 'é'.repeat(255) }, { subject: 'é'.repeat(255) }],
  ];
  for (const [claims, expected] of table) {
    const said = Object.entries(await judge(await issuer.sign(claims)));
    const read = Object.fromEntries(said.filter(([name]) => name in expected));
    t.same(read, expected, JSON.stringify(claims).slice(0, 80));
  }
});

t.test('who operates the service', async (t) => {
  const table: [claim: string | undefined, claims: Claims, isAdmin: boolean][] = [
    [undefined, { 'cognito:groups': ['users', 'operators'] }, true],
    [undefined, { 'cognito:groups': 'users operators' }, true],
    [undefined, { 'cognito:groups': 'users, operators' }, true],
    [undefined, { 'cognito:groups': 'operators' }, true],
    [undefined, {}, false],
    [undefined, { 'cognito:groups': [] }, false],
    [undefined, { 'cognito:groups': ['operators2', 'Operators', ['operators'], { operators: true }] }, false],
    [undefined, { 'cognito:groups': 'no operators, users' }, false],
    [undefined, { 'cognito:groups': { operators: true } }, false],
    [undefined, { groups: ['operators'] }, false],
    ['groups', { groups: ['operators'] }, true],
    ['realm_access.roles', { realm_access: { roles: ['operators'] } }, true],
    ['realm_access.roles', { realm_access: ['operators'] }, false],
    ['realm_access.roles', { realm_access: null }, false],
    ['https://example.com/groups', { 'https://example.com/groups': ['operators'] }, true],
    ['constructor.name', { constructor: undefined }, false],
  ];
  for (const [claim, claims, isAdmin] of table) {
    const { judge } = openVerifier(issuer, {
      env: { OIDC_ADMIN_GROUP: 'operators', OIDC_GROUPS_CLAIM: claim ?? '' },
    });
    t.match(await judge(await issuer.sign(claims)), { isAdmin }, `${claim} ${JSON.stringify(claims)}`);
  }
  const groups = ['', 'none', 'undefined', null, 'cognito:groups'];
  t.match(
    await judge(await issuer.sign({ 'cognito:groups': groups })),
    { isAdmin: false },
    'nobody by default',
  );
});

t.test('claims that are not ours, or hold no longer', async (t) => {
  const now = nowSeconds();
  const table: [what: string, claims: Claims, why: string][] = [
    ['another issuer', { iss: 'https://evil.example' }, 'is of another issuer'],
    ['almost the issuer', { iss: `${issuer.url}/` }, 'is of another issuer'],
    ['no issuer', { iss: undefined }, 'is of another issuer'],
    ['issuers', { iss: [issuer.url] }, 'is of another issuer'],
    ['another audience', { aud: 'other' }, 'is meant for somebody else'],
    ['other audiences', { aud: ['other', `${CLIENT_ID}2`] }, 'is meant for somebody else'],
    ['no audience', { aud: undefined }, 'is meant for somebody else'],
    ['an empty audience', { aud: [] }, 'is meant for somebody else'],
    ['an audience in an object', { aud: { [CLIENT_ID]: CLIENT_ID } }, 'is meant for somebody else'],
    ['a client, but no access token', { aud: undefined, client_id: CLIENT_ID }, 'is meant for somebody else'],
    [
      'an ID token with a client',
      { aud: undefined, client_id: CLIENT_ID, token_use: 'id' },
      'is meant for somebody else',
    ],
    [
      'an access token of another client',
      { aud: undefined, client_id: 'other', token_use: 'access' },
      'is meant for somebody else',
    ],
    [
      'an access token of our client for another service',
      { aud: 'https://other.example', client_id: CLIENT_ID, token_use: 'access' },
      'is meant for somebody else',
    ],
    ['another use', { token_use: 'refresh' }, 'is neither an ID token nor an access token'],
    ['no use', { token_use: null }, 'is neither an ID token nor an access token'],
    [
      'a logout token',
      { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } },
      'is neither an ID token nor an access token',
    ],
    [
      'a bound token',
      { cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } },
      'is bound to a key of the client, and no proof of that is taken here',
    ],
    ['no subject', { sub: undefined }, 'names nobody'],
    ['an empty subject', { sub: '' }, 'names nobody'],
    ['a number for a subject', { sub: 7 }, 'names nobody'],
    ['a long subject', { sub: 'x'.repeat(256) }, 'names nobody'],
    ['a subject with a zero', { sub: 'some\u0000body' }, 'names nobody'],
    ['half a character', { sub: 'some\ud800body' }, 'names nobody'],
    ['no end', { exp: undefined }, 'does not say when it expires'],
    ['a text for an end', { exp: String(now + 3600) }, 'does not say when it expires'],
    ['an hour too late', { exp: now - 3600 }, 'has expired'],
    ['long before there were any', { exp: -Number.MAX_VALUE }, 'has expired'],
    ['an hour too early', { nbf: now + 3600 }, 'does not hold yet'],
    ['a text for a beginning', { nbf: 'now' }, 'does not hold yet'],
    ['a text for the time it was made', { iat: 'now' }, 'has a wrong claim "iat"'],
  ];
  for (const [what, claims, why] of table) t.same(await judge(await issuer.sign(claims)), refused(why), what);
});

t.test('a minute of tolerance on both sides', async (t) => {
  const startMs = 1_800_000_000_000;
  const { judge } = openVerifier(issuer, { nowMs: () => startMs });
  const start = startMs / 1000;
  const table: [claims: Claims, expected: object][] = [
    [{ exp: start - 59 }, { subject: 'somebody' }],
    [{ exp: start - 60 }, refused('has expired')],
    [{ exp: start + 9, nbf: start + 60 }, { subject: 'somebody' }],
    [{ exp: start + 9, nbf: start + 61 }, refused('does not hold yet')],
  ];
  for (const [claims, expected] of table)
    t.match(await judge(await issuer.sign(claims)), expected, JSON.stringify(claims));
});

t.test('the end of time', async (t) => {
  const { expiresAt } = await verify(await issuer.sign({ exp: Number.MAX_VALUE }));
  t.equal(expiresAt.getTime(), 8.64e15);
});
