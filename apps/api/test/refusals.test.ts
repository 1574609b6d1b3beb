import t from 'tap';
import { Client } from 'undici';
import { NO_TRACES, startApi } from './app.ts';
import { type Answer, BOUNDARY, call, encode, field, image, type Part, problem, upload } from './client.ts';
import { eventually } from './eventually.ts';
import { picture, pictureOf } from './pictures.ts';

const MAX_BYTES = 1_000_000;
const api = await startApi({ env: { MAX_UPLOAD_BYTES: String(MAX_BYTES) } });
/** One connection for all: an answer that breaks it is seen by the next request. */
const dispatcher = new Client(api.origin);
t.teardown(() => dispatcher.destroy());
let connections = 0;
api.app.server.on('connection', () => {
  connections += 1;
});

/** Too long to be kept in memory: it is streamed. */
const long = pictureOf(600_000);
const hundreds = Array.from({ length: 300 }, () => field('title', 'a'));
const manyTags = Array.from({ length: 101 }, (_, index) => field('tags', `t${index}`));
const json = (name: string, body: string): Part => ({ name, body, type: 'application/json' });

/** What is answered → which forms. The third says where, as the pointer of the first of the problem's errors. */
const FORMS: Record<string, [what: string, parts: Part[], at?: string][]> = {
  '400 IMAGE_PART_MISSING': [
    ['no part at all', []],
    ['fields alone', [field('title', 'a')]],
    ['the image as a field', [field('image', 'x')]],
    ['an image, and one as a field', [image(), field('image', 'x')]],
  ],
  '400 TOO_MANY_FILES': [
    ['two files', [image(), image()]],
    ['three files', [image(), image(), image()]],
    ['two streamed files', [image(long), image(long)]],
  ],
  '400 UNKNOWN_PART': [
    ['a file of another name', [image(picture, { name: 'file' })], '/file'],
    ['a field of another name', [image(), field('colour', 'x')], '/colour'],
    ['such a field first', [field('colour', 'x'), image(long)], '/colour'],
    ['a field named like a property of objects', [image(), field('constructor', 'x')]],
    ['such a file', [image(picture, { name: '__proto__' })]],
  ],
  '400 BAD_JSON': [
    ['tags', [image(), field('tags', '["a"')], '/tags'],
    ['a part that says it is JSON', [image(), json('tags', '{')]],
  ],
  '400 INVALID_REQUEST': [
    ['an empty tag', [image(), field('tags', ' ')], '/tags'],
    ['tags of numbers', [image(), field('tags', '[1]')], '/tags'],
    ['tags in tags', [image(), field('tags', '[["a"]]')], '/tags'],
    ['a long tag', [image(), field('tags', 'x'.repeat(101))], '/tags'],
    ['too many tags', [...manyTags, image()], '/tags'],
    ['a long title', [image(), field('title', 'x'.repeat(501))], '/title'],
    ['a huge title', [field('title', 'x'.repeat(70_000)), image()], '/title'],
    ['a title that is an object', [image(), json('title', '{}')], '/title'],
    [
      'a long webhookUrl',
      [image(), field('webhookUrl', `https://a.test/${'x'.repeat(2048)}`)],
      '/webhookUrl',
    ],
    ['a webhookUrl that is none', [json('webhookUrl', '{}'), image()], '/webhookUrl'],
    ['an unknown duplicate', [image(), field('duplicate', 'refuse')], '/duplicate'],
  ],
  '422 URL_NOT_ALLOWED': [
    ['a webhookUrl of our own', [image(), field('webhookUrl', 'http://127.0.0.1/')], '/webhookUrl'],
    ['such a webhookUrl first', [field('webhookUrl', 'http://localhost/'), image(long)], '/webhookUrl'],
    ['such a webhookUrl behind a long file', [image(long), field('webhookUrl', 'no url')], '/webhookUrl'],
  ],
  '400 BAD_MULTIPART': [['hundreds of parts', [image(), ...hundreds]]],
  '400 EMPTY_FILE': [['nothing in it', [image(Buffer.alloc(0))]]],
  '415 NOT_AN_IMAGE': [
    ['a text', [image(Buffer.from('Hello'))]],
    ['a long text', [image(Buffer.alloc(600_000, 'x'))]],
  ],
  '413 IMAGE_TOO_LARGE': [
    ['by one byte', [image(pictureOf(MAX_BYTES + 1))]],
    ['by far', [image(pictureOf(3 * MAX_BYTES))]],
  ],
};

const multipart = (boundary = BOUNDARY) => `multipart/form-data; boundary=${boundary}`;
const whole = encode([field('title', 'a'), image()]);

const JSON_TYPE = 'application/json';
const url = 'https://example.com/a.png';
const asJson = (body: unknown) => [JSON_TYPE, JSON.stringify(body)] as const;
const toFetch = (address: string) => [JSON_TYPE, JSON.stringify({ url: address }), '/url'] as const;

/** What is answered → which content types and bodies. */
const BODIES: Record<
  string,
  (readonly [what: string, type: string | undefined, body: Uint8Array | string | undefined, at?: string])[]
> = {
  '400 BAD_JSON': [
    ['half of it', JSON_TYPE, '{"url":'],
    ['nothing', JSON_TYPE, ''],
  ],
  '400 INVALID_REQUEST': [
    ['no url', ...asJson({}), '/url'],
    ['null', ...asJson(null)],
    ['a list', ...asJson([url])],
    ['a text', ...asJson(url)],
    ['an empty url', ...asJson({ url: '' }), '/url'],
    ['a list of urls', ...asJson({ url: [url, url] }), '/url'],
    ['a long url', ...asJson({ url: `${url}?${'x'.repeat(2048)}` }), '/url'],
    ['an unknown property', ...asJson({ url, colour: 'x' }), '/colour'],
    ['a duplicate, which nobody can know yet', ...asJson({ url, duplicate: 'reuse' }), '/duplicate'],
    ['a long title', ...asJson({ url, title: 'x'.repeat(501) }), '/title'],
    ['an empty tag', ...asJson({ url, tags: [' '] }), '/tags'],
    ['a long tag', ...asJson({ url, tags: ['x'.repeat(101)] }), '/tags/0'],
    ['too many tags', ...asJson({ url, tags: manyTags.map(({ body }) => body) }), '/tags'],
    ['an unknown profile', ...asJson({ url, profile: 'best' }), '/profile'],
    ['a long webhookUrl', ...asJson({ url, webhookUrl: `${url}?${'x'.repeat(2048)}` }), '/webhookUrl'],
  ],
  '422 URL_NOT_ALLOWED': [
    ['no address', ...toFetch('photo.jpg')],
    ['FTP', ...toFetch('ftp://example.com/a.png')],
    ['a file', ...toFetch('file:///etc/passwd')],
    ['data', ...toFetch('data:image/png;base64,AAAA')],
    ['this machine', ...toFetch('http://127.0.0.1/a.png')],
    ['this machine by name', ...toFetch('http://localhost:8080/a.png')],
    ['this machine, IPv6', ...toFetch('http://[::1]/a.png')],
    ['this machine as one number', ...toFetch('http://2130706433/a.png')],
    ['this machine, octal', ...toFetch('http://0177.0.0.1/a.png')],
    ['this machine, mapped', ...toFetch('http://[::ffff:127.0.0.1]/a.png')],
    ['metadata of a cloud', ...toFetch('http://169.254.169.254/latest/meta-data/')],
    ['metadata by name', ...toFetch('http://metadata.google.internal/')],
    ['a private network', ...toFetch('https://10.1.2.3/a.png')],
    ['any address', ...toFetch('http://0.0.0.0/')],
    ['a user name', ...toFetch('https://user@example.com/a.png')],
    ['a user name and a password', ...toFetch('https://user:secret@example.com/a.png')],
    ['a port of SSH', ...toFetch('http://example.com:22/')],
    ['a port of mail', ...toFetch('https://example.com:25/')],
    ['a webhookUrl of our own', ...asJson({ url, webhookUrl: 'https://192.168.0.1/' }), '/webhookUrl'],
  ],
  '415 UNSUPPORTED_MEDIA_TYPE': [
    ['XML', 'application/xml', '<a/>'],
    ['text', 'text/plain', 'a'],
    ['the bare file', 'image/png', picture],
    ['a form of another kind', 'application/x-www-form-urlencoded', 'a=b'],
    ['no content type', undefined, picture],
    ['no body', undefined, undefined],
  ],
  '400 IMAGE_PART_MISSING': [['an empty body', multipart('x'), '']],
  '400 BAD_MULTIPART': [
    ['no boundary', 'multipart/form-data', whole],
    ['another boundary', multipart('other'), whole],
    ['garbage', multipart('x'), 'garbage'],
    ['cut off in a streamed file', multipart(), encode([image(long)]).subarray(0, 590_000)],
    ['cut off in a small file', multipart(), whole.subarray(0, whole.length - 40)],
    ['cut off in the head of a part', multipart('x'), '--x\r\ncontent-disposition: form-da'],
  ],
};

async function expectRefusal(t: Tap, expected: string, answer: Answer, at?: string): Promise<void> {
  const said = problem(answer);
  t.equal(`${answer.status} ${said.code}`, expected);
  t.match(said, {
    status: answer.status,
    type: `urn:tintype:error:${said.code}`,
    title: /\.$/,
    detail: /\.$/,
  });
  t.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8');
  t.equal(said.requestId, answer.headers['x-request-id'], 'names the request');
  if (at !== undefined) t.equal(said.errors?.[0]?.pointer, at);
  const left = await eventually(api.traces, ({ objects, uploads }) => objects + uploads === 0);
  t.same(left, NO_TRACES, 'leaves nothing');
}

type Tap = Pick<typeof t, 'equal' | 'match' | 'same'>;

for (const [expected, cases] of Object.entries(FORMS)) {
  for (const [what, parts, at] of cases) {
    t.test(`${expected}: ${what}`, async (t) =>
      expectRefusal(t, expected, await upload(api, parts, { dispatcher }), at),
    );
  }
}

for (const [expected, cases] of Object.entries(BODIES)) {
  for (const [what, type, body = null, at] of cases) {
    const headers = type === undefined ? {} : { 'content-type': type };
    const options = { method: 'POST', dispatcher, headers, ...(body === null ? {} : { body }) } as const;
    t.test(`${expected}: ${what}`, async (t) => {
      const answer = await call(api, '/v1/jobs', options);
      await expectRefusal(t, expected, answer, at);
      t.notMatch(answer.body.toString(), 'secret', 'repeats no password');
    });
  }
}

t.test('serves on', async (t) => {
  const answer = await upload(api, [image(pictureOf(MAX_BYTES))], { dispatcher });
  t.equal(answer.status, 202, 'the largest file allowed');
  // Only a body that is still arriving costs its connection: at most the eight long ones here.
  t.ok(connections <= 9, `${connections} connections`);
});

t.test('a body of brackets alone under an Idempotency-Key, which is given back', async (t) => {
  const body = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const json = { ...headers, 'content-type': 'application/json' };
  for (const path of ['/v1/jobs/retry', `/v1/jobs/${crypto.randomUUID()}/retry`]) {
    const answer = await call(api, path, { method: 'POST', headers: json, body });
    t.match(problem(answer), { status: 400, code: 'INVALID_REQUEST' });
  }
  t.equal((await upload(api, [image()], { headers })).status, 202);
});
