import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { startTcpProxy } from '../src/tcp-proxy.ts';

/** Answers every line with itself and its own name. */
async function startEcho(name: string): Promise<{ port: number; heard: string[]; server: Server }> {
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      heard.push(String(data));
      socket.write(`${name} ${data}`);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, heard, server };
}

async function setUp(t: Test) {
  const echo = await startEcho('first');
  const proxy = await startTcpProxy({ port: echo.port });
  t.teardown(async () => {
    await proxy.close();
    echo.server.close();
  });
  return { echo, proxy };
}

function dial(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  return socket;
}

/** `once` would take the reset for its own failure. */
function closed(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once('close', resolve));
}

async function say(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [data] = await once(socket, 'data');
  return String(data);
}

/** Whether something comes within a while. */
async function hears(socket: Socket): Promise<boolean> {
  return Promise.race([once(socket, 'data').then(() => true), sleep(150, false)]);
}

t.test('what is said goes through, both ways, and so does an end', async (t) => {
  const { proxy } = await setUp(t);
  const socket = dial(proxy.port);
  t.equal(await say(socket, 'hello'), 'first hello');
  socket.end();
  await closed(socket);
  t.equal(proxy.through('redis://user@host:1/2?a=b'), `redis://user@127.0.0.1:${proxy.port}/2?a=b`);
});

t.test('cut: who is connected is hung up on, who comes is too; then all is well', async (t) => {
  const { proxy } = await setUp(t);
  const socket = dial(proxy.port);
  await say(socket, 'hello');
  proxy.cut();
  await closed(socket);
  const refused = dial(proxy.port);
  await closed(refused);
  proxy.pass();
  t.equal(await say(dial(proxy.port), 'again'), 'first again');
});

t.test('blackhole: connections stay, nothing flows, and nothing is lost', async (t) => {
  const { echo, proxy } = await setUp(t);
  const before = dial(proxy.port);
  await say(before, 'one');
  proxy.blackhole();
  before.write('two');
  const meanwhile = dial(proxy.port);
  await once(meanwhile, 'connect');
  meanwhile.write('three');
  t.equal(await hears(before), false);
  t.same(echo.heard, ['one']);
  const answers = Promise.all([once(before, 'data'), once(meanwhile, 'data')]);
  proxy.pass();
  t.same(
    (await answers).map(([data]) => String(data)),
    ['first two', 'first three'],
  );
});

t.test('mute: the server hears, its answer is held back', async (t) => {
  const { echo, proxy } = await setUp(t);
  const socket = dial(proxy.port);
  await say(socket, 'one');
  proxy.mute();
  socket.write('two');
  t.equal(await hears(socket), false);
  t.same(echo.heard, ['one', 'two']);
  const answer = once(socket, 'data');
  proxy.pass();
  t.equal(String((await answer)[0]), 'first two');
});

t.test('delay: so much later each way, in order', async (t) => {
  const { proxy } = await setUp(t);
  const socket = dial(proxy.port);
  await say(socket, 'one');
  proxy.delay(60);
  const begunAt = performance.now();
  socket.write('two');
  await sleep(10);
  proxy.delay(0);
  socket.write(' three');
  let text = '';
  while (!text.includes('three')) text += String((await once(socket, 'data'))[0]);
  t.match(text, /two.*three/s);
  t.ok(performance.now() - begunAt >= 55);
});

t.test('answer: these bytes to whoever says something, and the end', async (t) => {
  const { echo, proxy } = await setUp(t);
  proxy.answer('HTTP/1.1 500 No\r\n\r\n');
  const socket = dial(proxy.port);
  t.equal(await say(socket, 'GET /'), 'HTTP/1.1 500 No\r\n\r\n');
  await closed(socket);
  t.same(echo.heard, []);
});

t.test('aim: another server stands there', async (t) => {
  const { proxy } = await setUp(t);
  const second = await startEcho('second');
  t.teardown(() => void second.server.close());
  const socket = dial(proxy.port);
  await say(socket, 'hello');
  proxy.aim(second.port);
  await closed(socket);
  t.equal(await say(dial(proxy.port), 'hello'), 'second hello');
});

t.test('a server that is not there ends the connection', async (t) => {
  const { echo, proxy } = await setUp(t);
  const nobody = await startEcho('nobody');
  await new Promise((resolve) => nobody.server.close(resolve));
  proxy.aim(nobody.port);
  await closed(dial(proxy.port));
  t.same(echo.heard, []);
});
