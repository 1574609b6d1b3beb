// A process that starts PostgreSQL in the folder it is told, says so in one line of JSON, and ends as it is told:
// 'exit', 'throw', or 'wait' for a signal.
import { startPostgres } from '../src/index.ts';

const [dataDir = '', ending = 'wait'] = process.argv.slice(2);
const server = await startPostgres({ dataDir, durable: false });
process.stdout.write(`${JSON.stringify({ pid: server.pid, url: server.url })}\n`);
if (ending === 'throw') {
  setImmediate(() => {
    throw new Error('on purpose');
  });
}
if (ending === 'wait') setInterval(() => undefined, 1000);
