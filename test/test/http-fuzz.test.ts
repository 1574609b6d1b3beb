// The fuzzer of the HTTP API where it could be wrong without anybody noticing: that it leaves nothing out, and that it sees what is wrong.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import type { Attempt } from '../src/http-fuzz/attempt.ts';
import { attemptsAt } from '../src/http-fuzz/attempts.ts';
import { createChecker } from '../src/http-fuzz/check-answer.ts';
import { matcherOf } from '../src/http-fuzz/match-operation.ts';
import { makePictures } from '../src/http-fuzz/pictures.ts';
import { describe, neverGood, table } from '../src/http-fuzz/report.ts';
import { run } from '../src/http-fuzz/run.ts';
import { openSender } from '../src/http-fuzz/send.ts';
import { DOCUMENT, sentBy } from './http-fuzz-document.ts';

t.test('every operation of a document has its share', async (t) => {
  const pictures = await makePictures();
  const seen: Attempt[] = [];
  const { statuses, requests } = await run({
    ...{ document: DOCUMENT, pictures, operations: DOCUMENT.operations, requests: 400, seed: 1, atOnce: 3 },
    probe: async (attempt) => {
      seen.push(attempt);
      return { sent: sentBy(attempt), outcome: { silence: 'closed', reason: '' }, fault: undefined };
    },
  });
  t.equal(requests, seen.length);
  t.ok(requests >= 400);
  const operations = ['listThings', 'makeThing', 'getThing', 'DELETE /v1/things/{id}'];
  t.same([...statuses.keys()], operations);
  for (const name of operations) {
    const own = seen.filter(({ operationId }) => operationId === name);
    t.ok(own.length >= 60, `${own.length} requests to ${name}`);
    t.ok(new Set(own.map(({ wire }) => wire)).size > 5, 'some are written by hand');
    t.ok(own.some(({ who }) => who === 'nobody') && own.some(({ who }) => who === 'owner'), 'all kinds ask');
  }
  const makers = seen.filter(({ operationId }) => operationId === 'makeThing');
  for (const type of ['application/json', 'multipart/form-data; boundary=a-boundary'])
    t.ok(
      makers.some(({ headers }) =>
        headers.some(([name, value]) => name === 'content-type' && value === type),
      ),
      type,
    );
});

t.test('the same seed makes the same requests', async (t) => {
  const pictures = await makePictures();
  for (const operation of DOCUMENT.operations) {
    const make = (seed: number) =>
      fc.sample(attemptsAt(operation, { document: DOCUMENT, pictures }), { seed, numRuns: 50 });
    t.same(make(7), make(7));
    t.not(JSON.stringify(make(7)), JSON.stringify(make(8)));
  }
});

/** Does all as documented, but for what `wrong` does. */
async function scratch(t: Test, wrong: (name: string, response: ServerResponse) => boolean) {
  const match = matcherOf(DOCUMENT);
  const answer = (response: ServerResponse, status: number, body?: object) => {
    const problems = {
      type: 'urn:tintype:error:NOT_FOUND',
      title: 'No',
      status,
      detail: 'No.',
      code: 'NOT_FOUND',
      requestId: 'r',
    };
    const type = status < 400 ? 'application/json' : 'application/problem+json';
    const empty = status === 204 || status === 304;
    response.writeHead(status, { 'x-request-id': 'r', ...(!empty && { 'content-type': type }) });
    response.end(empty ? '' : JSON.stringify(body ?? problems));
  };
  const good: Record<string, number> = { GET: 200, HEAD: 200, POST: 201, DELETE: 204 };
  const server = createServer((request, response) => {
    request.resume();
    const { method = '', url = '' } = request;
    const operation = match(method, url);
    if (operation === undefined) return answer(response, 404);
    if (wrong(operation.id, response)) return;
    answer(response, good[method] ?? 404, { id: '0199b4a5-7d2c-7000-8000-000000000000', size: 1 });
  });
  server.on('clientError', (_error, socket) => {
    const body =
      '{"type":"urn:tintype:error:INVALID_REQUEST","title":"No","status":400,"detail":"No.","code":"INVALID_REQUEST","requestId":"r"}';
    socket.end(
      `HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\nx-request-id: r\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}`;
  const sender = openSender(address, { connections: 4 });
  t.teardown(async () => {
    await sender.close();
    server.closeAllConnections();
    server.close();
  });
  const checker = createChecker(DOCUMENT);
  const tally = await run({
    ...{ document: DOCUMENT, pictures: await makePictures(), operations: DOCUMENT.operations },
    ...{ requests: 300, seed: 2, atOnce: 4 },
    probe: async (attempt) => {
      // What Node.js answers by itself is no matter of this server's.
      const wire = /expects what|no host/.test(attempt.wire) ? 'keep-alive' : attempt.wire;
      const sent = { ...sentBy(attempt), wire, who: 'owner' as const };
      const outcome = await sender.send(sent, wire);
      return { sent, outcome, fault: checker.faultOf(sent, outcome) };
    },
  });
  return { tally, address };
}

t.test('a service that does as it says', async (t) => {
  const { tally } = await scratch(t, () => false);
  t.same(
    tally.findings.map(({ fault }) => fault),
    [],
  );
  t.same(neverGood(tally), []);
  t.match(table(tally), /`getThing` \| \d+ \| .*200 × \d+/);
});

const WRONGS: { name: string; what: RegExp; wrong: (response: ServerResponse) => void }[] = [
  {
    name: 'an undocumented status',
    what: /status 418 is not documented/,
    wrong: (response) =>
      response.writeHead(418, { 'x-request-id': 'r', 'content-type': 'application/json' }).end('{}'),
  },
  {
    name: 'a wrong body',
    what: /the body of status 200 is not as documented/,
    wrong: (response) =>
      response
        .writeHead(200, { 'x-request-id': 'r', 'content-type': 'application/json' })
        .end('{"id":1,"size":-1}'),
  },
  {
    name: 'an error',
    what: /answered 500/,
    wrong: (response) => response.writeHead(500, { 'x-request-id': 'r' }).end('oh'),
  },
  {
    name: 'no request id',
    what: /without x-request-id/,
    wrong: (response) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"id":"0199b4a5-7d2c-7000-8000-000000000000","size":1}'),
  },
  {
    name: 'a connection that is closed',
    what: /closed without an answer/,
    wrong: (response) => void response.socket?.destroy(),
  },
];

for (const { name, what, wrong } of WRONGS) {
  t.test(`finds ${name}`, async (t) => {
    const { tally, address } = await scratch(t, (operation, response) => {
      if (operation !== 'getThing') return false;
      wrong(response);
      return true;
    });
    const found = tally.findings.filter(({ fault }) => what.test(fault.what));
    t.ok(found.length > 0);
    for (const finding of found) {
      const text = describe(finding, 1, { address, seed: 2, requests: 300, folder: t.testdir({}) });
      t.match(text, /curl -i --path-as-is|nc -N 127.0.0.1/);
      t.match(text, `--seed 2 --requests 300 --operation ${finding.operationId}`);
      t.match(text, new URL(address).port);
    }
    t.match(
      found.map(({ operationId }) => operationId),
      ['getThing'],
    );
    t.ok(found.every(({ count }) => count >= 1));
  });
}
