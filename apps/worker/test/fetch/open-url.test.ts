import { AppError, createOutgoingAgent, type OutgoingAgentOptions } from '@tintype/core';
import t, { type Test } from 'tap';
import { openUrl } from '../../src/fetch/open-url.ts';
import { JPEG, MAX_FETCH_BYTES, startImageServer } from './image-server.ts';

const allow = ['127.0.0.0/8'];
const server = await startImageServer();
const PATIENT = { connectTimeoutMs: 10_000, headersTimeoutMs: 10_000, bodyTimeoutMs: 10_000 };

function opener(t: Test, options: Partial<OutgoingAgentOptions> = {}) {
  const agent = createOutgoingAgent({ allow, ...PATIENT, ...options });
  t.teardown(() => agent.destroy());
  return (url: string, signal = new AbortController().signal) =>
    openUrl(url, { allow, agent, maxBytes: MAX_FETCH_BYTES, signal });
}

t.test('tells who asks and what for, and nothing else', async (t) => {
  const open = opener(t);
  const { body } = await open(`${server.origin}/redirect-1`);
  t.ok(Buffer.concat(await body.toArray()).equals(JPEG));
  t.same(
    server.seen.map(({ path }) => path),
    ['/redirect-1', '/plate.jpg'],
  );
  for (const { headers } of server.seen) {
    const { host, connection, ...told } = headers;
    t.equal(`http://${host}`, server.origin);
    t.same(told, {
      'user-agent': 'Tintype (image fetch)',
      accept: 'image/*, */*;q=0.1',
      'accept-encoding': 'identity',
    });
  }
});

t.test('a server that says nothing for too long is left', async (t) => {
  const open = opener(t, { headersTimeoutMs: 300, bodyTimeoutMs: 300 });
  await t.rejects(open(`${server.origin}/no-headers`), { code: 'URL_TIMEOUT' });
  const { body } = await open(`${server.origin}/stalls`);
  await t.rejects(body.toArray(), { code: 'UND_ERR_BODY_TIMEOUT' });
});

t.test('so is one that can not be connected to in time', async (t) => {
  const open = opener(t, { connectTimeoutMs: 300, resolve: () => undefined });
  await t.rejects(open('http://nowhere.example.com/'), { code: 'URL_TIMEOUT' });
});

t.test('an abort ends it at every stage, with its reason', async (t) => {
  const reason = new AppError('SHUTTING_DOWN');
  const open = opener(t, { resolve: () => undefined });
  for (const url of [`${server.origin}/no-headers`, 'http://nowhere.example.com/']) {
    const ending = new AbortController();
    const begunAt = performance.now();
    setTimeout(() => ending.abort(reason), 100);
    await t.rejects(open(url, ending.signal), { code: reason.code }, url);
    t.ok(performance.now() - begunAt < 5000);
    await t.rejects(open(url, ending.signal), { code: reason.code }, 'from the beginning');
  }
  const ending = new AbortController();
  const { body } = await open(`${server.origin}/stalls`, ending.signal);
  ending.abort(reason);
  await t.rejects(body.toArray(), { code: reason.code });
});

t.test('when to come back is read as seconds or as a date', async (t) => {
  const at = new Date(Date.now() + 100_000).toUTCString();
  const CASES: [string, number | undefined][] = [
    ['7', 7],
    ['0', 0],
    [at, 100],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
    ['1.5', undefined],
  ];
  const answers = CASES.map(([header], index) => [`/${index}`, header] as const);
  const busy = await startImageServer(
    Object.fromEntries(
      answers.map(([path, header]) => [
        path,
        (answer) => void answer.writeHead(503, { 'retry-after': header }).end(),
      ]),
    ),
  );
  const open = opener(t);
  for (const [index, [header, expected]] of CASES.entries()) {
    const error = await open(`${busy.origin}/${index}`).catch((caught: unknown) => caught as AppError);
    t.match(error, { code: 'URL_SERVER_ERROR' });
    const { retryAfterSeconds } = error as AppError;
    if (expected === undefined || retryAfterSeconds === undefined)
      t.equal(retryAfterSeconds, expected, header);
    else t.ok(Math.abs(retryAfterSeconds - expected) <= 5, `${header}: ${retryAfterSeconds}`);
  }
});
