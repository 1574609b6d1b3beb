// Asks the address that it is given whether the process is well; exits with 0 when the answer is 200. Knows no more than that.
import { get } from 'node:http';

const TIMEOUT_MS = 2500;

const request = get(process.argv[2], { timeout: TIMEOUT_MS }, ({ statusCode }) =>
  process.exit(statusCode === 200 ? 0 : 1),
);
request.on('timeout', () => request.destroy());
request.on('error', () => process.exit(1));
