// The ceiling of the door, a process of its own: a bare Node http server that hashes what it gets, writes it to a file
// in one write, and answers 202. GET answers 200 with a small body. It parses nothing.
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

const directory = process.argv[2];
if (!directory) throw new Error('usage: sink DIRECTORY');

let stored = 0;

function store(request: IncomingMessage, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const hash = createHash('sha256');
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => {
      hash.update(chunk);
      chunks.push(chunk);
    });
    request.once('error', reject);
    request.once('end', () => {
      writeFile(path, Buffer.concat(chunks), (error) =>
        error ? reject(error) : resolve(hash.digest('hex')),
      );
    });
  });
}

const server = createServer(async (request, response) => {
  try {
    const posted = request.method === 'POST';
    if (posted) stored += 1;
    const body = JSON.stringify(
      posted ? { sha256: await store(request, join(directory, `${stored}.bin`)) } : { status: 'completed' },
    );
    response.writeHead(posted ? 202 : 200, {
      'content-type': 'application/json',
      'content-length': body.length,
    });
    response.end(body);
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});

server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
process.on('disconnect', () => process.exit(0));
