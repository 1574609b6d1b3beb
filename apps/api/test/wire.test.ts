import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { NO_TRACES, startApi, type TestApi } from './app.ts';
import { BOUNDARY, call, upload } from './client.ts';
import { eventually } from './eventually.ts';
import { picture, pictureOf } from './pictures.ts';
import { chunked, FILE_HEAD, FORM_END, openWire, postHead } from './wire.ts';

const MEBIBYTE = 1024 * 1024;
const api = await startApi({ env: { MAX_UPLOAD_BYTES: String(MEBIBYTE) } });
const CHUNKED = ['transfer-encoding: chunked'];
const noise = Buffer.alloc(MEBIBYTE, 'x');

const clean = () => eventually(api.traces, ({ objects, uploads }) => objects + uploads === 0);

t.test('who is still sending gets to read the answer', async (t) => {
  const length = [`content-length: ${20 * MEBIBYTE}`];
  const textPart = FILE_HEAD.replace('name="image"', 'name="other"');
  const table: [what: string, status: number, code: string, head: string, first: string | Buffer][] = [
    ['too large by content-length', 413, 'IMAGE_TOO_LARGE', postHead(api, length), FILE_HEAD],
    [
      'too large by count',
      413,
      'IMAGE_TOO_LARGE',
      postHead(api, CHUNKED),
      Buffer.concat([Buffer.from(FILE_HEAD), picture]),
    ],
    ['no image', 415, 'NOT_AN_IMAGE', postHead(api, CHUNKED), FILE_HEAD],
    ['unknown part', 400, 'UNKNOWN_PART', postHead(api, CHUNKED), textPart],
    ['no key', 401, 'UNAUTHENTICATED', postHead(api, CHUNKED, { key: '' }), FILE_HEAD],
    [
      'no form',
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      postHead(api, CHUNKED).replace('multipart', 'strange'),
      FILE_HEAD,
    ],
    ['no route', 404, 'NOT_FOUND', postHead(api, CHUNKED).replace('/v1/jobs', '/v1/job'), FILE_HEAD],
  ];
  for (const [what, status, code, head, first] of table) {
    const wrap = head.includes('chunked') ? chunked : Buffer.from;
    const wire = await openWire(api);
    // Like many clients, this one reads nothing before it has sent everything.
    wire.socket.pause();
    await wire.send(head);
    await wire.send(wrap(first as string));
    for (let sent = 0; sent < 20; sent += 1) await wire.send(wrap(noise as never));
    wire.socket.resume();
    const text = await wire.read((said) => said.includes('requestId'));
    t.match(text, `HTTP/1.1 ${status} `, `${what}: the status`);
    t.match(text, `"code":"${code}"`, `${what}: the body`);
    t.match(text.toLowerCase(), 'connection: close', 'the connection is of no more use');
    wire.socket.destroy();
    t.same(await clean(), NO_TRACES, 'nothing is left');
  }
});

t.test('who never stops sending is cut off', async (t) => {
  const wire = await openWire(api, { stubborn: true });
  await wire.send(postHead(api, [`content-length: ${1e12}`]));
  const endless = async () => {
    let sent = 0;
    for (; await wire.send(noise.subarray(0, 1000)); sent += 1) await sleep(20);
    return sent;
  };
  const [text, sent] = await Promise.all([wire.read(), endless()]);
  t.match(text, 'HTTP/1.1 413 ');
  t.ok(sent > 10, 'but not at once');
  t.ok(wire.socket.destroyed);
});

t.test('who hangs up half-way leaves nothing', async (t) => {
  const file = pictureOf(900_000);
  const table: [what: string, body: Buffer[], uploads: number][] = [
    ['before the body', [], 0],
    ['in the head of a part', [Buffer.from(FILE_HEAD.slice(0, 30))], 0],
    ['in the first bytes', [Buffer.from(FILE_HEAD), picture], 0],
    ['in what is kept in memory', [Buffer.from(FILE_HEAD), file.subarray(0, 200_000)], 1],
    ['in what is streamed', [Buffer.from(FILE_HEAD), file.subarray(0, 800_000)], 1],
    ['behind the file', [Buffer.from(FILE_HEAD), file, Buffer.from(`\r\n--${BOUNDARY}\r\n`)], 1],
  ];
  for (const [what, body, uploads] of table) {
    const wire = await openWire(api);
    await wire.send(postHead(api, ['content-length: 999999']));
    for (const bytes of body) await wire.send(bytes);
    const seen = await eventually(api.traces, (traces) => traces.uploads === uploads);
    t.equal(seen.uploads, uploads, `${what}: under way`);
    wire.socket.resetAndDestroy();
    t.same(await clean(), NO_TRACES, `${what}: gone`);
  }
  t.equal((await upload(api)).status, 202, 'serves on');
  await api.rows('DELETE FROM images');
  await api.rows('DELETE FROM events');
});

t.test('an upload that was swept while it arrived', async (t) => {
  const swept = await startApi();
  const wire = await openWire(swept);
  await wire.send(postHead(swept, CHUNKED));
  await wire.send(chunked(Buffer.concat([Buffer.from(FILE_HEAD), pictureOf(2 * MEBIBYTE)])));
  const underWay = await eventually(swept.traces, ({ objects, uploads }) => objects === 1 && uploads === 1);
  t.match(underWay, { objects: 1, uploads: 1 });
  await swept.rows('DELETE FROM uploads');
  await wire.send(Buffer.concat([chunked(FORM_END), chunked('')]));
  const text = await wire.read((said) => said.includes('requestId'));
  t.match(text, /^HTTP\/1.1 408 [\s\S]*"code":"UPLOAD_EXPIRED"/);
  t.same(await eventually(swept.traces, ({ objects }) => objects === 0), NO_TRACES);
  wire.socket.destroy();
});

/** What comes back for these bytes; where `spoil` is given, once it has happened to the waiting connection. */
async function answerTo(target: TestApi, bytes: string): Promise<string> {
  const wire = await openWire(target);
  await wire.send(bytes);
  return wire.read();
}

t.test('what is no HTTP is told so in the same words', async (t) => {
  const table: [what: string, bytes: string][] = [
    ['garbage', 'garbage\r\n\r\n'],
    ['a bad header', 'GET / HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n'],
    ['endless headers', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['a bad chunk', `${postHead(api, CHUNKED)}zz\r\n`],
  ];
  for (const [what, bytes] of table) {
    const [head = '', body = ''] = (await answerTo(api, bytes)).split('\r\n\r\n');
    t.match(head, /^HTTP\/1.1 400 Bad Request\r\n/, what);
    t.match(head, 'content-type: application/problem+json');
    const { code, requestId } = JSON.parse(body);
    t.equal(code, 'INVALID_REQUEST');
    t.match(head, `x-request-id: ${requestId}`);
  }
  t.equal((await call(api, '/healthz')).status, 200, 'serves on');
});

t.test('a request that takes too long to arrive', async (t) => {
  // Node looks for such requests only twice a minute: this one is pointed out to the server.
  api.app.server.once('connection', (socket) =>
    socket.once('data', () =>
      api.app.server.emit(
        'clientError',
        Object.assign(new Error('slow'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }),
        socket,
      ),
    ),
  );
  const text = await answerTo(api, postHead(api, CHUNKED));
  t.match(text, /^HTTP\/1.1 408 Request Timeout\r\n[\s\S]*"code":"UPLOAD_EXPIRED"/);
});
