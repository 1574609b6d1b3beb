import { signAddress } from '@tintype/core';
import t from 'tap';
import { request } from 'undici';
import { addKey, NO_TRACES, startApi } from './app.ts';
import { call } from './client.ts';
import { codeOf, promised, send, sent, takeIn } from './direct-upload.ts';
import { eventually } from './eventually.ts';
import { picture, pictureOf } from './pictures.ts';
import { openWire } from './wire.ts';

const api = await startApi({ env: { PUBLIC_URL: 'https://images.example.com' } });

/** The files of uploads, whole or not. */
const files = async () => (await api.objects()).filter((file) => /incoming|drafts/.test(file));
const pathOf = (url: string) => url.replace(/^https:\/\/images\.example\.com/, '');

t.test('the address needs no key, and is good for nothing else', async (t) => {
  const one = await promised(api, picture);
  t.match(one.url, /^https:\/\/images\.example\.com\/v1\/uploads\/[^/]+\/content\?/);
  const url = pathOf(one.url);
  const other = pathOf((await promised(api, picture)).url);
  const altered: Record<string, string> = {
    'another upload': url.replace(one.id, new URL(other, api.origin).pathname.split('/')[3] ?? ''),
    'another size': url.replace(/bytes=\d+/, 'bytes=99'),
    'another type': url.replace('image%2Fpng', 'image%2Fgif'),
    'a later end': url.replace(/expires=\d+/, 'expires=9999999999'),
    'another key': url.replace(/key=[\w-]+/, 'key=dk_AAAAAAAAAAAA'),
    'no signature': url.replace(/&signature=.*/, ''),
    'another signature': url.replace(/signature=./, (found) =>
      found.endsWith('A') ? 'signature=B' : 'signature=A',
    ),
    'one parameter more': `${url}&x=1`,
    'its size twice': `${url}&bytes=${picture.length}`,
  };
  for (const [what, address] of Object.entries(altered))
    t.equal(await send(api, { ...one, url: address }, picture), '403 SIGNATURE_INVALID', what);
  t.equal(await send(api, { ...one, url: url.replace(/\?.*/, '') }, picture), '401 UNAUTHENTICATED');
  t.same(await files(), []);
  t.equal((await call(api, url, { key: null })).status, 404, 'nothing is read there');
  t.equal(await send(api, { ...one, url: url.replace('/v1', '') }, picture), '204', 'without a version');
  t.equal(await send(api, { ...one, url }, picture), '204');
  t.equal((await files()).length, 1);
});

t.test('an address that has expired', async (t) => {
  const one = await promised(api, picture);
  const key = await api.deps.db.of(api.tenantId).deliveryKeys.current();
  const query = { bytes: String(picture.length), type: 'image/png' };
  const path = `/v1/uploads/${one.id}/content`;
  const at = (offsetMs: number) =>
    signAddress({ path, query, expiresAt: new Date(Date.now() + offsetMs) }, key);
  t.equal(await send(api, { ...one, url: at(-5000) }, picture), '403 SIGNATURE_EXPIRED');
  t.equal(await send(api, { ...one, url: at(60_000) }, picture), '204');
});

t.test('a key of its owner will do; another tenant’s will not', async (t) => {
  const one = await promised(api, picture);
  const url = `/v1/uploads/${one.id}/content`;
  const stranger = await addKey(api.rows, { tenantId: crypto.randomUUID() });
  t.equal(await send(api, { ...one, url }, picture, { 'x-api-key': stranger }), '404 UPLOAD_NOT_FOUND');
  t.equal(await send(api, { ...one, url }, picture, { 'x-api-key': api.key }), '204');
});

t.test('a suspended account', async (t) => {
  const suspended = await startApi();
  const one = await promised(suspended, picture);
  await suspended.rows('UPDATE tenants SET suspended_at = now()');
  t.equal(await send(suspended, one, picture), '403 ACCOUNT_SUSPENDED');
});

t.test('exactly what was promised', async (t) => {
  const one = await promised(api, picture);
  const url = pathOf(one.url);
  const as = (file: Buffer, headers: Record<string, string> = {}) =>
    send(api, { ...one, url }, file, headers);
  t.equal(await as(Buffer.concat([picture, Buffer.of(0)])), '413 IMAGE_TOO_LARGE');
  t.equal(await as(picture.subarray(1)), '422 UPLOAD_MISMATCH');
  t.equal(await as(Buffer.alloc(0)), '422 UPLOAD_MISMATCH');
  for (const type of ['image/jpeg', 'application/json', 'multipart/form-data; boundary=x', 'image/png; x=1'])
    t.equal(await as(picture, { 'content-type': type }), '422 UPLOAD_MISMATCH', type);
  t.equal(await as(picture, { 'content-type': 'IMAGE/PNG' }), '204');
  const wire = await openWire(api);
  await wire.send(
    `PUT ${url} HTTP/1.1\r\nhost: test\r\ncontent-type: image/png\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n0\r\n\r\n`,
  );
  t.match(await wire.read(), /^HTTP\/1\.1 411 [\s\S]*LENGTH_REQUIRED/);
});

t.test('a transfer that breaks leaves what was there before', async (t) => {
  const file = pictureOf(3_000_000);
  const one = await promised(api, file);
  const url = pathOf(one.url);
  const before = await files();
  const breakOff = async () => {
    const wire = await openWire(api);
    await wire.send(
      `PUT ${url} HTTP/1.1\r\nhost: test\r\ncontent-type: image/png\r\ncontent-length: ${file.length}\r\n\r\n`,
    );
    await wire.send(file.subarray(0, 1_000_000));
    const isUnderWay = async () => (await files()).some((name) => name.includes('.drafts'));
    t.equal(await eventually(isUnderWay, Boolean), true, 'it has begun');
    wire.socket.destroy();
    t.equal(await eventually(isUnderWay, (isStill) => !isStill), false, 'and is gone');
  };
  await breakOff();
  t.same(await files(), before);
  t.equal(codeOf(await takeIn(api, one)), '409 UPLOAD_NOT_READY');
  t.equal(await send(api, { ...one, url }, file), '204');
  await breakOff();
  const answer = await takeIn(api, one);
  t.equal(answer.status, 202);
  const { imageId } = answer.json<{ imageId: string }>();
  t.ok((await call(api, `/v1/images/${imageId}/original`)).body.equals(file));
});

t.test('taken in while it is sent again: the late one is nobody’s', async (t) => {
  const other = await startApi();
  const file = pictureOf(500_000);
  const one = await sent(other, file);
  const wire = await openWire(other);
  await wire.send(
    `PUT ${one.url} HTTP/1.1\r\nhost: test\r\ncontent-type: image/png\r\ncontent-length: ${file.length}\r\nconnection: close\r\n\r\n`,
  );
  await wire.send(file.subarray(0, 100_000));
  const drafts = async () => (await other.objects()).filter((name) => name.includes('.drafts')).length;
  t.equal(await eventually(drafts, (count) => count === 1), 1);
  t.equal((await takeIn(other, one)).status, 202);
  await eventually(other.traces, ({ uploads }) => uploads === 0);
  await wire.send(file.subarray(100_000));
  t.match(await wire.read(), /^HTTP\/1\.1 404 [\s\S]*UPLOAD_NOT_FOUND/);
  t.match(await other.traces(), { ...NO_TRACES, objects: 1, images: 1, jobs: 1, events: 1 });
});

t.test('pictures are no body anywhere else', async (t) => {
  const answer = await request(`${api.origin}/v1/uploads`, {
    method: 'POST',
    headers: { 'x-api-key': api.key, 'content-type': 'image/png' },
    body: picture,
  });
  t.equal(answer.statusCode, 415);
  t.match(await answer.body.json(), { code: 'UNSUPPORTED_MEDIA_TYPE' });
});

t.test('each request stands in the log of its owner, by the key of its signature', async (t) => {
  const other = await startApi();
  const one = await promised(other, picture);
  await send(other, one, picture);
  const find = () =>
    other.rows<{ principal: string }>(
      `SELECT status, tenant_id AS tenant, principal FROM request_logs WHERE route = '/v1/uploads/:id/content'`,
    );
  const [row] = await eventually(find, ({ length }) => length > 0);
  t.match(row, { status: 204, tenant: other.tenantId, principal: /^dk_/ });
});
