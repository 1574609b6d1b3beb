// Whether the port is free, found out before anything else is started.
import { createServer } from 'node:net';

/** @throws Error that says what to do */
export function refuseTakenPort(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'is in use' : `can not be listened on (${error.code})`;
      reject(
        new Error(
          `Port ${port} ${reason}. Stop what listens there, or choose another: npm start -- --port ${port + 1}`,
        ),
      );
    });
    probe.listen(port, '0.0.0.0', () => probe.close(() => resolve()));
  });
}
