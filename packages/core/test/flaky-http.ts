// An HTTP proxy in front of a server that lets chosen requests fail.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import t from 'tap';

/** `pass` hands on; a number is the answer's status; `reset` ends the connection; `hang` says nothing. */
export type Fate = 'pass' | 'reset' | 'hang' | number;

/** Answers the proxy's address. `decide` sees every request before its body. */
export async function startFlakyHttp(
  target: string,
  decide: (request: IncomingMessage) => Fate,
): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((incoming, answer) => {
    const fate = decide(incoming);
    if (fate === 'reset') incoming.socket.destroy();
    else if (fate === 'pass') handOn(target, incoming, answer);
    else
      incoming
        .resume()
        .on('end', () => fate === 'hang' || answer.writeHead(fate).end('<Error>secret-place</Error>'));
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

function handOn(target: string, incoming: IncomingMessage, answer: ServerResponse): void {
  const { method, headers } = incoming;
  const onward = request(new URL(incoming.url ?? '/', target), { method, headers }, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers);
    response.pipe(answer);
  });
  onward.on('error', () => answer.destroy());
  incoming.pipe(onward);
}
