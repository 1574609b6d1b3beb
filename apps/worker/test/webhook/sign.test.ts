import { createHmac, randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import t from 'tap';
import { sign } from '../../src/webhook/sign.ts';

const makeSecret = () => `whsec_${randomBytes(32).toString('base64')}`;
const [present, previous, foreign] = [makeSecret(), makeSecret(), makeSecret()];
const id = '01a1fd90-7c1e-7d0a-b1c5-0f6f5a4a1b2c';
const body = '{"type":"job.completed","data":{"title":"Æther · 写真 👩‍👧"}}';
const verify = (headers: object, secret: string, text = body) =>
  new Webhook(secret).verify(text, { ...headers } as Record<string, string>);

t.test('the reference library takes what we sign', async (t) => {
  const headers = sign({ id, body, at: new Date() }, [present]);
  t.same(verify(headers, present), JSON.parse(body));
  t.equal(headers['webhook-id'], id);
  t.match(headers['webhook-signature'], /^v1,[A-Za-z0-9+/]{43}=$/);
});

t.test('and signs the same', async (t) => {
  const at = new Date('2026-11-21T10:00:00.999Z');
  const headers = sign({ id, body, at }, [present]);
  t.equal(headers['webhook-signature'], new Webhook(present).sign(id, at, body));
  t.equal(headers['webhook-timestamp'], '1795255200');
});

t.test('by the specification: key is the decoded secret, signed is id.timestamp.body', async (t) => {
  const at = new Date(1_674_087_231_000);
  const expected = createHmac('sha256', Buffer.from(present.slice(6), 'base64'))
    .update(`${id}.1674087231.${body}`)
    .digest('base64');
  t.equal(sign({ id, body, at }, [present])['webhook-signature'], `v1,${expected}`);
});

t.test('while a secret takes over, both verify', async (t) => {
  const headers = sign({ id, body, at: new Date() }, [present, previous]);
  t.equal(headers['webhook-signature'].split(' ').length, 2);
  verify(headers, present);
  verify(headers, previous);
  t.throws(() => verify(headers, foreign), { message: 'No matching signature found' });
});

const now = Date.now();
const signedAt = (offsetSeconds: number) =>
  sign({ id, body, at: new Date(now + offsetSeconds * 1000) }, [present]);
const REFUSED: { name: string; headers: object; text?: string; message: RegExp }[] = [
  { name: 'another body', headers: signedAt(0), text: body.replace('写', '冩'), message: /No matching/ },
  {
    name: 'another id',
    headers: { ...signedAt(0), 'webhook-id': crypto.randomUUID() },
    message: /No matching/,
  },
  {
    name: 'another time',
    headers: { ...signedAt(0), 'webhook-timestamp': signedAt(-60)['webhook-timestamp'] },
    message: /No matching/,
  },
  { name: 'an old time', headers: signedAt(-301), message: /too old/ },
  { name: 'a time to come', headers: signedAt(302), message: /too new/ },
  { name: 'no signature', headers: { ...signedAt(0), 'webhook-signature': '' }, message: /Missing/ },
];
for (const { name, headers, text, message } of REFUSED) {
  t.test(`refused: ${name}`, async (t) => {
    t.throws(() => verify(headers, present, text), { message });
  });
}
