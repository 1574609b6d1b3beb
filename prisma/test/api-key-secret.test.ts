import { createHash } from 'node:crypto';
import t from 'tap';
import { makeApiKey, parseApiKey, secretMatches } from '../src/index.ts';

t.test('a key has its prefix, id, secret and checksum, and its digest alone is kept', async (t) => {
  const { id, key, secretSha256 } = makeApiKey();
  t.match(key, /^tt_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}$/);
  const parsed = parseApiKey(key);
  t.equal(parsed?.id, id);
  t.equal(parsed?.secret.length, 32);
  t.same(
    secretSha256,
    createHash('sha256')
      .update(parsed?.secret ?? '')
      .digest(),
  );
});

t.test('no two keys are alike', async (t) => {
  const keys = Array.from({ length: 1000 }, makeApiKey);
  t.equal(new Set(keys.map(({ id }) => id)).size, 1000);
  t.equal(new Set(keys.map(({ key }) => key.slice(-38))).size, 1000);
});

t.test('a known key stays valid', async (t) => {
  // Computed by another program (Python: zlib.crc32, base 62), so that the format can't change unseen.
  t.same(parseApiKey('tt_AAAAAAAAAAAA_0123456789ABCDEFGHIJKLMNOPQRSTUV1ggZdL'), {
    id: 'AAAAAAAAAAAA',
    secret: '0123456789ABCDEFGHIJKLMNOPQRSTUV',
  });
});

t.test(
  'the checksum catches every single wrong character of the secret and every swap of neighbours',
  async (t) => {
    const { key } = makeApiKey();
    const start = 'tt_'.length + 12 + 1;
    const typos: string[] = [];
    for (let at = start; at < key.length; at += 1) {
      for (const wrong of '0AZaz9') typos.push(key.slice(0, at) + wrong + key.slice(at + 1));
      typos.push(key.slice(0, at) + (key[at + 1] ?? '') + (key[at] ?? '') + key.slice(at + 2));
    }
    const believed = typos.filter((typo) => typo !== key && parseApiKey(typo) !== undefined);
    t.ok(typos.length > 200);
    t.same(believed, []);
  },
);

const { key } = makeApiKey();
const NO_KEYS: Record<string, string> = {
  nothing: '',
  'a word': 'secret',
  'another prefix': key.replace('tt_', 'sk_'),
  'a capital prefix': key.replace('tt_', 'TT_'),
  'no prefix': key.slice(3),
  'a character short': key.slice(0, -1),
  'a character long': `${key}0`,
  'a space before': ` ${key}`,
  'a line end after': `${key}\n`,
  'a letter of another alphabet': key.replace(/.$/, 'é'),
  'a bearer header': `Bearer ${key}`,
};

for (const [name, text] of Object.entries(NO_KEYS)) {
  t.test(`${name} is no key`, async (t) => {
    t.equal(parseApiKey(text), undefined);
  });
}

t.test('a secret matches its own digest only', async (t) => {
  const own = makeApiKey();
  const secret = parseApiKey(own.key)?.secret ?? '';
  t.ok(secretMatches(secret, own.secretSha256));
  t.ok(secretMatches(secret, new Uint8Array(own.secretSha256)));
  t.notOk(secretMatches(secret, makeApiKey().secretSha256));
  t.notOk(secretMatches(`${secret}0`, own.secretSha256));
  t.notOk(secretMatches('', own.secretSha256));
  t.notOk(
    secretMatches(secret, own.secretSha256.subarray(0, 31)),
    'a digest of the wrong length does not throw',
  );
  t.notOk(secretMatches(secret, new Uint8Array()));
});
