// Somebody else's server with an image on it, which is not always well.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Neighbour {
  /** An address that fails so many times with that status, and then has the image. */
  serve(bytes: Uint8Array, failures: { times: number; status: number }): string;
  close(): Promise<void>;
}

export async function startNeighbour(): Promise<Neighbour> {
  const files = new Map<string, { bytes: Uint8Array; left: number; status: number }>();
  const server = createServer((request, response) => {
    const file = files.get(request.url ?? '');
    if (file === undefined) return response.writeHead(404).end();
    file.left -= 1;
    if (file.left >= 0) return response.writeHead(file.status).end();
    return response.writeHead(200, { 'content-type': 'image/jpeg' }).end(file.bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    serve: (bytes, { times, status }) => {
      const path = `/${files.size}.jpg`;
      files.set(path, { bytes, left: times, status });
      return `http://127.0.0.1:${port}${path}`;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
