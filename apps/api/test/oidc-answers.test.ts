import { exportJWK } from 'jose';
import t from 'tap';
import { type Issuer, sendJson, startIssuer } from './issuer.ts';
import { AWAY, openVerifier, REFUSED } from './oidc-verifier.ts';

/** Far above every bound of ours, far below the time for which a client would wait in vain. */
const NEVER_MS = 25_000;

t.test('answers that can not be used', async (t) => {
  const huge = JSON.stringify({ keys: [], padding: 'x'.repeat(1_000_000) });
  const table: [what: string, answers: (issuer: Issuer) => Issuer['answers'], warning: RegExp][] = [
    [
      'another issuer',
      ({ url }) => ({ discovery: (r) => sendJson(r, { issuer: `${url}/`, jwks_uri: `${url}/keys` }) }),
      /^The provider calls itself "http:.*\/", not "http:.*\d"$/,
    ],
    ['no issuer', () => ({ discovery: (r) => sendJson(r, {}) }), /^The provider calls itself undefined/],
    ['a list', () => ({ discovery: (r) => sendJson(r, []) }), /^The provider calls itself undefined/],
    ['null', () => ({ discovery: (r) => sendJson(r, null) }), /answered no JSON object$/],
    ['no JSON', () => ({ discovery: (r) => r.end('<html>') }), /JSON/],
    ['nothing', () => ({ discovery: (r) => r.end() }), /JSON/],
    ['404', () => ({ discovery: (r) => r.writeHead(404).end('{}') }), /configuration answered 404$/],
    ['500', () => ({ keys: (r) => r.writeHead(500).end('{}') }), /keys answered 500$/],
    [
      'a way elsewhere',
      ({ url }) => ({ discovery: (r) => r.writeHead(302, { location: `${url}/keys` }).end() }),
      /configuration answered 302$/,
    ],
    [
      'keys over plain http',
      ({ url }) => ({
        discovery: (r) => sendJson(r, { issuer: url, jwks_uri: 'http://keys.example/keys' }),
      }),
      /jwks_uri is no https address: "http:\/\/keys.example\/keys"$/,
    ],
    [
      'keys in a file',
      ({ url }) => ({ discovery: (r) => sendJson(r, { issuer: url, jwks_uri: 'file:///etc/passwd' }) }),
      /jwks_uri is no https address/,
    ],
    [
      'no address of keys',
      ({ url }) => ({ discovery: (r) => sendJson(r, { issuer: url }) }),
      /jwks_uri is no https address: undefined$/,
    ],
    ['a huge discovery', () => ({ discovery: (r) => r.end(huge) }), /exceeded max size/],
    ['a huge key set', () => ({ keys: (r) => r.end(huge) }), /exceeded max size/],
    [
      'a key set without end',
      () => ({
        keys: (r) => {
          const timer = setInterval(() => r.write(' '.repeat(100_000)), 1);
          r.on('close', () => clearInterval(timer));
        },
      }),
      /exceeded max size/,
    ],
    ['no key set', () => ({ keys: (r) => sendJson(r, { keys: {} }) }), /JSON Web Key Set malformed/],
    ['keys that are none', () => ({ keys: (r) => sendJson(r, { keys: [null] }) }), /Key Set malformed/],
  ];
  for (const [what, answers, warning] of table) {
    const issuer = await startIssuer();
    issuer.answers = answers(issuer);
    const { tell, pass, warnings } = openVerifier(issuer);
    t.equal(await tell(await issuer.sign()), `${AWAY} 10`, what);
    t.match(warnings[0], warning);
    issuer.answers = {};
    pass(10);
    t.equal(await tell(await issuer.sign()), 'somebody', 'until it is put right');
  }
});

t.test('a key set that drips', async (t) => {
  const issuer = await startIssuer();
  issuer.answers.keys = (response) => {
    const timer = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(timer));
  };
  const { tell } = openVerifier(issuer, { env: { OIDC_TIMEOUT_MS: '300' } });
  const began = performance.now();
  t.equal(await tell(await issuer.sign()), `${AWAY} 10`);
  t.ok(performance.now() - began < NEVER_MS, 'never a hang');
});

t.test('keys in the set that are not for signatures', async (t) => {
  const issuer = await startIssuer();
  const { n = '', e } = await exportJWK(issuer.key.publicKey);
  const { kid } = issuer.key;
  const table: [what: string, key: object][] = [
    ['for encryption', { kty: 'RSA', n, e, kid, use: 'enc' }],
    ['of another algorithm', { kty: 'RSA', n, e, kid, alg: 'RS512' }],
    ['for other operations', { kty: 'RSA', n, e, kid, key_ops: ['encrypt'] }],
    ['a secret', { kty: 'oct', k: n, kid, alg: 'RS256' }],
    ['of another kind', { kty: 'EC', crv: 'P-256', x: n, y: n, kid }],
    ['broken', { kty: 'RSA', n: '!', e, kid }],
    ['too short', { kty: 'RSA', n: n.slice(0, 170), e, kid }],
  ];
  for (const [what, key] of table) {
    issuer.answers.keys = (response) => sendJson(response, { keys: [key] });
    t.equal(await openVerifier(issuer).tell(await issuer.sign()), REFUSED, what);
  }
});

t.test('an issuer whose address ends with a slash', async (t) => {
  const issuer = await startIssuer('/');
  t.equal(await openVerifier(issuer).tell(await issuer.sign()), 'somebody');
});
