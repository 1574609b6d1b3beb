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

/** What is answered → which content types and bodies. */
const BODIES: Record<
  string,
  [what: string, type: string | undefined, body: Uint8Array | string | undefined][]
> = {
  '415 UNSUPPORTED_MEDIA_TYPE': [
    ['JSON', 'application/json', '{}'],
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
  for (const [what, type, body = null] of cases) {
    const headers = type === undefined ? {} : { 'content-type': type };
    const options = { method: 'POST', dispatcher, headers, ...(body === null ? {} : { body }) } as const;
    t.test(`${expected}: ${what}`, async (t) =>
      expectRefusal(t, expected, await call(api, '/v1/jobs', options)),
    );
  }
}

t.test('serves on', async (t) => {
  const answer = await upload(api, [image(pictureOf(MAX_BYTES))], { dispatcher });
  t.equal(answer.status, 202, 'the largest file allowed');
  // Only a body that is still arriving costs its connection: at most the eight long ones here.
  t.ok(connections <= 9, `${connections} connections`);
});
