import { createHmac } from 'node:crypto';
import { base64url, CompactSign, exportJWK, exportSPKI, UnsecuredJWT } from 'jose';
import t from 'tap';
import { makeKey, startIssuer } from './issuer.ts';
import { openVerifier, refused } from './oidc-verifier.ts';

const issuer = await startIssuer('/eu-west-1_Example');
const { judge, verify } = openVerifier(issuer);
const nowSeconds = () => Math.floor(Date.now() / 1000);

t.test('a token of every algorithm that is taken', async (t) => {
  const taken = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
  const keys = await Promise.all(taken.map((alg) => makeKey(alg)));
  const own = await startIssuer();
  own.shown = keys;
  const { judge } = openVerifier(own);
  const exp = nowSeconds() + 3600;
  for (const key of keys) {
    t.same(
      await judge(await own.sign({ exp }, { key })),
      {
        issuer: own.url,
        subject: 'somebody',
        email: null,
        name: null,
        isAdmin: false,
        // Its clock may be late by a minute.
        expiresAt: new Date((exp + 60) * 1000),
      },
      key.alg,
    );
    const other = await makeKey(key.alg, key.kid);
    t.same(
      await judge(await own.sign({}, { key: other })),
      refused('is not signed by its issuer'),
      `${key.alg} by another key of the same name`,
    );
  }
});

t.test('headers and signatures that do not count', async (t) => {
  const good = await issuer.sign();
  const [head = '', body = '', signature = ''] = good.split('.');
  const encode = (value: object) => base64url.encode(JSON.stringify(value));
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
  const stranger = await makeKey('RS256', issuer.key.kid);
  const { kid } = issuer.key;
  /** HS256 with what everybody knows (RFC 8725, section 2.1). */
  const byPublicKey = async (alg: string) => {
    const input = `${encode({ alg, kid })}.${body}`;
    const secret = await exportSPKI(issuer.key.publicKey);
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
  };
  const critical = new CompactSign(Buffer.from(body, 'base64url'))
    .setProtectedHeader({ alg: 'RS256', kid, crit: ['x'], x: 1 })
    .sign(issuer.key.privateKey, { crit: { x: true } });
  const otherWay = 'is signed in a way that is not taken here';
  const notSigned = 'is not signed by its issuer';
  const table: [what: string, token: string, why: string][] = [
    ['no signature', new UnsecuredJWT(claims).encode(), otherWay],
    ...['none', 'None', 'nOnE', 'NONE', '', 'HS256', 'RS1', 'ES256K', 'RSA-OAEP', 'dir', 'constructor'].map(
      (alg): [string, string, string] => [
        `alg ${alg}`,
        `${encode({ alg, kid })}.${body}.${signature}`,
        otherWay,
      ],
    ),
    ['alg in a list', `${encode({ alg: ['RS256'], kid })}.${body}.${signature}`, otherWay],
    ['no alg', `${encode({ kid })}.${body}.${signature}`, otherWay],
    ['alg none and nothing behind the dot', `${encode({ alg: 'none', kid })}.${body}.`, otherWay],
    ['HS256 with the public key', await byPublicKey('HS256'), otherWay],
    ['RS256 that is HS256 with the public key', await byPublicKey('RS256'), notSigned],
    ['no signature behind RS256', `${head}.${body}.`, notSigned],
    ['another signature', `${head}.${body}.${'A'.repeat(342)}`, notSigned],
    ['another body', `${head}.${encode({ ...claims, sub: 'somebody-else' })}.${signature}`, notSigned],
    ['a later end', `${head}.${encode({ ...claims, exp: claims.exp + 1 })}.${signature}`, notSigned],
    ['another head', `${encode({ alg: 'RS256', kid, typ: 'JWT' })}.${body}.${signature}`, notSigned],
    [
      'another algorithm for the key',
      `${encode({ alg: 'PS256', kid })}.${body}.${signature}`,
      'is signed by an unknown key',
    ],
    ['the key of a stranger under our name', await issuer.sign({}, { key: stranger }), notSigned],
    [
      'the key of a stranger, brought along',
      await issuer.sign({}, { key: stranger, fields: { jwk: await exportJWK(stranger.publicKey) } }),
      notSigned,
    ],
    [
      'the keys of a stranger, pointed to',
      await issuer.sign(
        {},
        { key: stranger, fields: { jku: 'http://127.0.0.1:1/keys', x5u: 'http://127.0.0.1:1/' } },
      ),
      notSigned,
    ],
    [
      'a key that is a number',
      `${encode({ alg: 'RS256', kid: 7 })}.${body}.${signature}`,
      'is signed by an unknown key',
    ],
    ['what must be understood', await critical, notSigned],
    ...[7, 'logout+jwt', 'secevent+jwt', 'dpop+jwt', ''].map((typ): [string, string, string] => [
      `typ ${typ}`,
      `${encode({ alg: 'RS256', kid, typ })}.${body}.${signature}`,
      'is neither an ID token nor an access token',
    ]),
  ];
  for (const [what, token, why] of table) t.same(await judge(token), refused(why), what);
  t.match(await judge(good), { subject: 'somebody' }, 'and the good one is good');
});

t.test('what is no token', async (t) => {
  const good = await issuer.sign();
  const [head = '', body = '', signature = ''] = good.split('.');
  const table: [what: string, token: string][] = [
    ['nothing', ''],
    ['a word', 'nonsense'],
    ['dots', '..'],
    ['four dots, as of an encrypted one', `${good}.${body}.${signature}`],
    ['two parts', `${head}.${body}`],
    ['a body that is no JSON', `${head}.${base64url.encode('{')}.${signature}`],
    ['a body that is a list', `${head}.${base64url.encode('[]')}.${signature}`],
    ['a body that is null', `${head}.${base64url.encode('null')}.${signature}`],
    ['a body that is no UTF-8', `${head}.${base64url.encode(Uint8Array.of(0x7b, 0xff, 0x7d))}.${signature}`],
    ['a head that is no JSON', `${base64url.encode('x')}.${body}.${signature}`],
    ['a head that is null', `${base64url.encode('null')}.${body}.${signature}`],
    ['what is no base64', `%%%.${body}.${signature}`],
    ['a zero', '\u0000'],
  ];
  for (const [what, token] of table) t.same(await judge(token), refused('is none'), what);

  const padding = 'x'.repeat(16_384);
  t.same(await judge(await issuer.sign({ padding })), refused('is too long'));
  t.same(await judge('.'.repeat(10_000_000)), refused('is too long'));
  const short = openVerifier(issuer, { env: { OIDC_MAX_TOKEN_BYTES: String(good.length) } });
  t.match(await short.judge(good), { subject: 'somebody' }, 'a token of just the length');
  t.same(await short.judge(`${good}x`), refused('is too long'));
});

t.test('tokens that do not name their key', async (t) => {
  const own = await startIssuer();
  own.shown = [await makeKey(), own.key, await makeKey('ES256')];
  const { judge } = openVerifier(own);
  const nameless = { fields: { kid: undefined } };
  t.match(await judge(await own.sign({}, nameless)), { subject: 'somebody' }, 'may be signed by any');
  const strange = await own.sign({}, { ...nameless, key: await makeKey() });
  t.same(await judge(strange), refused('is not signed by its issuer'));
  t.same(await judge(await own.sign({ nbf: 4e9 }, nameless)), refused('does not hold yet'));
});

t.test('what is refused tells the log no claims', async (t) => {
  const token = await issuer.sign({ email: 'canary@example.com', nbf: nowSeconds() + 3600 });
  const error = await verify(token).catch((reason) => reason);
  t.equal(error.code, 'UNAUTHENTICATED');
  t.equal(typeof error.cause, 'string');
  t.notMatch(`${error.cause} ${JSON.stringify(error)} ${error.stack}`, /canary/);
});
