import { randomBytes } from 'node:crypto';
import t from 'tap';
import { readSignature, type SignatureVerdict, signAddress, verifyAddress } from '../src/index.ts';

const KEY = { id: 'dk_1', secret: randomBytes(32).toString('base64url') };
const NOW = new Date('2026-01-01T00:00:00Z');
const expiresAt = new Date(NOW.getTime() + 60_000);

function parse(address: string): { path: string; query: Record<string, string> } {
  const [path = '', query = ''] = address.split('?');
  return { path, query: Object.fromEntries(new URLSearchParams(query)) };
}

const SIGNED = signAddress(
  { path: '/v1/images/1/render', query: { width: 320, fit: 'inside' }, expiresAt },
  KEY,
);

t.test('an address is signed once, and reads as it was signed', async (t) => {
  t.match(
    SIGNED,
    /^\/v1\/images\/1\/render\?expires=1767225660&fit=inside&key=dk_1&width=320&signature=[\w-]{43}$/,
  );
  t.same(readSignature(parse(SIGNED).query), { keyId: 'dk_1', expiresAt });
  t.equal(verifyAddress(parse(SIGNED), KEY.secret, NOW), 'valid');
});

type Address = ReturnType<typeof parse>;
const signature = parse(SIGNED).query.signature ?? '';
const flip = (text: string) => `${text[0] === 'A' ? 'B' : 'A'}${text.slice(1)}`;
/** The same bytes, written with other padding bits. */
const sloppy = (text: string) => text.slice(0, -1) + String.fromCharCode(text.charCodeAt(42) + 1);

const CASES: [what: string, verdict: SignatureVerdict, alter: (address: Address) => unknown][] = [
  ['as it was signed', 'valid', () => undefined],
  [
    'with its parameters in another order',
    'valid',
    (a) => ({ query: Object.fromEntries(Object.entries(a.query).reverse()) }),
  ],
  ['with another percent-encoding', 'valid', () => ({ path: '/v1/images/%31/render' })],
  ['of another path', 'invalid', () => ({ path: '/v1/images/2/render' })],
  ['with a slash that is none', 'invalid', () => ({ path: '/v1/images%2F1/render' })],
  ['with a path that can not be decoded', 'invalid', () => ({ path: '/v1/images/%ff/render' })],
  ['with another parameter', 'invalid', (a) => ({ query: { ...a.query, width: '321' } })],
  ['with a number written otherwise', 'invalid', (a) => ({ query: { ...a.query, width: '320.0' } })],
  ['with one parameter more', 'invalid', (a) => ({ query: { ...a.query, blur: '3' } })],
  ['with one parameter less', 'invalid', (a) => ({ query: { ...a.query, fit: undefined } })],
  ['with a parameter twice', 'invalid', (a) => ({ query: { ...a.query, width: ['320', '320'] } })],
  ['with half a character', 'invalid', (a) => ({ query: { ...a.query, fit: '\ud800' } })],
  ['with a later end', 'invalid', (a) => ({ query: { ...a.query, expires: '1999999999' } })],
  ['with an end that is no number', 'invalid', (a) => ({ query: { ...a.query, expires: 'never' } })],
  ['without an end', 'invalid', (a) => ({ query: { ...a.query, expires: undefined } })],
  ['with another key', 'invalid', (a) => ({ query: { ...a.query, key: 'dk_2' } })],
  ['without a signature', 'invalid', (a) => ({ query: { ...a.query, signature: undefined } })],
  ['with an altered signature', 'invalid', (a) => ({ query: { ...a.query, signature: flip(signature) } })],
  ['with a signature cut off', 'invalid', (a) => ({ query: { ...a.query, signature: signature.slice(1) } })],
  ['with a longer signature', 'invalid', (a) => ({ query: { ...a.query, signature: `${signature}A` } })],
  ['with two signatures', 'invalid', (a) => ({ query: { ...a.query, signature: [signature, signature] } })],
  [
    'with its signature written otherwise',
    'invalid',
    (a) => ({ query: { ...a.query, signature: sloppy(signature) } }),
  ],
];

for (const [what, verdict, alter] of CASES) {
  t.test(`an address ${what} is ${verdict}`, async (t) => {
    const address = parse(SIGNED);
    t.equal(verifyAddress({ ...address, ...(alter(address) ?? {}) }, KEY.secret, NOW), verdict);
  });
}

t.test('what is late is told from what is wrong', async (t) => {
  const address = parse(SIGNED);
  t.equal(verifyAddress(address, KEY.secret, new Date(expiresAt.getTime() - 1)), 'valid');
  t.equal(verifyAddress(address, KEY.secret, expiresAt), 'expired');
  t.equal(verifyAddress({ ...address, path: '/' }, KEY.secret, expiresAt), 'invalid');
});

t.test('the secret of another key, or of none, fits nothing', async (t) => {
  t.equal(verifyAddress(parse(SIGNED), randomBytes(32).toString('base64url'), NOW), 'invalid');
  t.equal(verifyAddress(parse(SIGNED), undefined, NOW), 'invalid');
  // What is compared with where there is no key is known to everybody.
  const known = signAddress({ path: '/a', query: {}, expiresAt }, { id: 'dk_1', secret: 'A'.repeat(43) });
  t.equal(verifyAddress(parse(known), undefined, NOW), 'invalid');
});

t.test('parameters that signing needs are not to be had', async (t) => {
  for (const name of ['expires', 'key', 'signature'])
    t.throws(() => signAddress({ path: '/a', query: { [name]: '1' }, expiresAt }, KEY), /taken/, name);
  t.throws(() => signAddress({ path: '/%', query: {}, expiresAt }, KEY), /percent-encoded/);
});
