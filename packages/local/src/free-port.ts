// Knows which TCP port of the loopback interface is free right now.
// Refuses to reserve it: whoever binds it first has it.
import { createServer } from 'node:net';

/**
 * A TCP port of 127.0.0.1 that nothing listens on at the moment of asking.
 *
 * @throws the system's error when no port can be bound at all
 */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
