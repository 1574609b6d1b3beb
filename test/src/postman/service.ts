// `npm start` on a folder and a port of its own, and what a run needs beside it: a server with an image to fetch and an ear for webhooks.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { freePort } from '@tintype/local';
import { createClosing } from '../service/closing.ts';
import { ROOT } from '../service/root.ts';
import { PICTURE } from './recipes.ts';

export interface Started {
  /** What the collection is run with. */
  variables: Record<string, string>;
  close(): Promise<void>;
}

/** What `npm start` runs once all is installed and built. */
const MAIN = path.join(ROOT, 'apps/local/dist/src/main.js');
/** The last word of its welcome. */
const WELCOME = 'Ctrl-C';

export async function startAll(folder: string): Promise<Started> {
  const { opened, close } = createClosing();
  try {
    const neighbour = await opened(startNeighbour(), (it) => it.close());
    const service = await opened(startService(folder), (it) => it.close());
    return {
      variables: {
        baseUrl: service.address,
        apiKey: service.key,
        sourceUrl: `${neighbour.address}/photo.jpg`,
        hookUrl: `${neighbour.address}/hook`,
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @throws Error with what it said when it ends instead */
async function startService(folder: string) {
  const port = await freePort();
  const child = spawn(process.execPath, [MAIN, '--port', String(port)], {
    cwd: ROOT,
    env: { ...process.env, TINTYPE_DATA: path.join(folder, 'data'), OUTGOING_ALLOW: '127.0.0.0/8' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const text = await welcomeOf(child, ended);
  const [key] = /tt_\w+/.exec(text) ?? [];
  if (key === undefined) throw new Error(`npm start did not come up: ${text}`);
  return {
    address: `http://127.0.0.1:${port}`,
    key,
    close: async () => {
      child.kill('SIGINT');
      await ended;
    },
  };
}

function welcomeOf(child: ChildProcess, ended: Promise<void>): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    const hear = (chunk: Buffer) => {
      text += chunk;
      if (text.includes(WELCOME)) resolve(text);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    void ended.then(() => resolve(text));
  });
}

/** The first who asks for the image waits until he goes: his job can be called off. Those after him are given it. */
async function startNeighbour() {
  const picture = await readFile(path.join(ROOT, PICTURE.path));
  let isFirst = true;
  const answers: Record<string, (response: ServerResponse) => void> = {
    '/photo.jpg': (response) => {
      if (!isFirst) response.writeHead(200, { 'content-type': PICTURE.mimeType }).end(picture);
      isFirst = false;
    },
    '/hook': (response) => void response.writeHead(204).end(),
  };
  const server = createServer((request, response) => {
    request.resume();
    const answer = answers[request.url ?? ''];
    if (answer === undefined) response.writeHead(404).end();
    else answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
