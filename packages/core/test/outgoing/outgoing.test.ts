import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { AppError, checkUrl, createOutgoingAgent, type OutgoingRules } from '../../src/index.ts';
import { isInNetworks, isPublicAddress } from '../../src/outgoing/is-public-address.ts';
import type { Resolve } from '../../src/outgoing/outgoing-agent.ts';
import { BYPASS_URLS, PLANTED_NAMES } from './bypass-urls.ts';

let requests = 0;
const server = createServer((_, answer) => {
  requests += 1;
  answer.end('inside');
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
t.teardown(() => server.close());

const asked: string[] = [];
const resolve: Resolve = (host, _, callback) => {
  asked.push(host);
  const addresses = PLANTED_NAMES[host.replace(/\.$/, '')];
  if (addresses === undefined) return callback(new Error(`ENOTFOUND ${host}`), []);
  return callback(
    null,
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  );
};

const TIMEOUTS = { connectTimeoutMs: 5000, headersTimeoutMs: 5000, bodyTimeoutMs: 5000 };

/** Answers the body that came back. */
async function call(text: string, rules: OutgoingRules, { unchecked = false } = {}): Promise<string> {
  const agent = createOutgoingAgent({ ...rules, ...TIMEOUTS, resolve });
  try {
    const url = unchecked ? new URL(text) : checkUrl(text, rules);
    const { body } = await agent.request({ origin: url.origin, path: url.pathname, method: 'GET' });
    return await body.text();
  } finally {
    await agent.destroy();
  }
}

t.test(`none of ${BYPASS_URLS.length} ways around the rules leads anywhere`, async (t) => {
  for (const url of BYPASS_URLS)
    await t.rejects(call(url, { allow: [] }), { name: 'AppError', code: 'URL_NOT_ALLOWED' }, url);
  t.equal(new Set(BYPASS_URLS).size, BYPASS_URLS.length);
});

t.test('the connection refuses by itself what nobody checked before', async (t) => {
  for (const url of [
    `http://127.0.0.1:${port}/`,
    'http://127.0.0.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'https://169.254.169.254/',
    'http://93.184.215.14:22/',
    'http://ten.example.com/',
    'https://late.example.com/',
    `http://loopback.example.com:${port}/`,
  ]) {
    await t.rejects(call(url, { allow: [] }, { unchecked: true }), { code: 'URL_NOT_ALLOWED' }, url);
  }
  t.equal(requests, 0, 'and nobody was called');
});

t.test('a refusal says what is wrong, and never which address a name has', async (t) => {
  const CASES: [string, RegExp][] = [
    ['somewhere', /no URL/],
    ['ftp://example.com/', /begin with http:\/\/ or https:\/\//],
    ['http://me:secret@example.com/', /no user name/],
    ['http://example.com:22/', /^Port 22 can not be called/],
    ['http://10.0.0.1/', /not public/],
    ['http://localhost/', /only known locally/],
    ['http://ten.example.com/', /The host of the URL leads to/],
  ];
  for (const [url, message] of CASES) {
    const error = await call(url, { allow: [] }).catch((caught: unknown) => caught);
    t.type(error, AppError);
    t.match(error, { message, retryable: false, status: 422 });
    t.notMatch((error as Error).message, /10\.0\.0\.5|secret/);
  }
});

t.test('public addresses pass', async (t) => {
  for (const url of [
    'http://example.com',
    'https://example.com/a/b.jpg?x=1#y',
    'HTTPS://EXAMPLE.COM/',
    'http://example.com:80/',
    'https://example.com:443/',
    'http://example.com:8080/',
    'https://example.com:8443/',
    'http://example.com./',
    'http://bücher.example/',
    'http://8.8.8.8/',
    'http://1.1.1.1:8080/',
    'http://172.15.0.1/',
    'http://172.32.0.1/',
    'http://100.63.0.1/',
    'http://100.128.0.1/',
    'http://169.253.0.1/',
    'http://192.167.0.1/',
    'http://168.63.129.17/',
    'http://223.255.255.254/',
    'https://[2606:4700:4700::1111]/',
    'https://[2a00:1450:4001:82a::200e]:8443/',
    'http://localhost.example.com/',
    'http://internal.example.com/',
    'http://notlocal/',
  ])
    t.equal(checkUrl(url, { allow: [] }).href, new URL(url).href, url);
});

t.test('what is allowed in addition is called, on any port, by address and by name', async (t) => {
  const rules = { allow: ['10.9.8.7', '127.0.0.0/8', 'fd00::/8'] };
  t.equal(await call(`http://127.0.0.1:${port}/`, rules), 'inside');
  t.equal(await call(`http://2130706433:${port}/`, rules), 'inside');
  t.equal(await call(`http://loopback.example.com:${port}/`, rules), 'inside');
  t.equal(requests, 3);
});

t.test('and nothing else', async (t) => {
  const rules = { allow: ['127.0.0.0/8'] };
  for (const url of [
    `http://[::ffff:127.0.0.1]:${port}/`,
    'http://[::1]/',
    'http://10.0.0.1/',
    'http://ten.example.com/',
    'http://both.example.com/',
    'http://metadata.example.com/',
    'http://public.example.com:22/',
    'http://93.184.215.14:22/',
    'file:///etc/passwd',
    `http://user@127.0.0.1:${port}/`,
  ])
    await t.rejects(call(url, rules), { code: 'URL_NOT_ALLOWED' }, url);
});

t.test('a name is looked up for every connection: an answer that changes is checked again', async (t) => {
  const answers = [['127.0.0.1'], ['10.0.0.1']];
  const agent = createOutgoingAgent({
    allow: ['127.0.0.0/8'],
    ...TIMEOUTS,
    resolve: (_, __, callback) =>
      callback(
        null,
        (answers.shift() ?? []).map((address) => ({ address, family: 4 })),
      ),
  });
  t.teardown(() => agent.destroy());
  const request = () =>
    agent.request({ origin: `http://moves.example.com:${port}`, path: '/', method: 'GET', reset: true });
  t.equal(await (await request()).body.text(), 'inside');
  await t.rejects(request(), { code: 'URL_NOT_ALLOWED' });
  await t.rejects(request(), { message: /has no address/ });
});

t.test('names that nobody knows stay errors of their own', async (t) => {
  await t.rejects(call('http://nobody.example.com/', { allow: [] }), { message: /ENOTFOUND/ });
  t.ok(asked.includes('nobody.example.com'));
});

t.test('networks are found by their prefixes, and never across the families', async (t) => {
  const CASES: [string, string[], boolean][] = [
    ['10.1.2.3', ['10.0.0.0/8'], true],
    ['11.1.2.3', ['10.0.0.0/8'], false],
    ['10.1.2.3', ['10.1.2.3'], true],
    ['10.1.2.4', ['10.1.2.3'], false],
    ['10.1.2.4', ['1.1.1.1', '10.1.2.4/32'], true],
    ['fd00::5', ['fd00::/8'], true],
    ['fd00::5', ['fd00::5'], true],
    ['::1', ['127.0.0.0/8'], false],
    ['127.0.0.1', ['::/0'], false],
    ['8.8.8.8', ['0.0.0.0/0'], true],
    ['nonsense', ['0.0.0.0/0', '::/0'], false],
  ];
  for (const [address, networks, expected] of CASES)
    t.equal(isInNetworks(address, networks), expected, `${address} in ${networks}`);
  t.equal(isPublicAddress('nonsense'), false);
});
