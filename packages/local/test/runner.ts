// A process that starts PostgreSQL in the folder it is told, says so in one line of JSON, and waits for a signal. Told by SIGUSR2, it ends
// by itself: 'exit', by having nothing left to do, or 'throw'.
import { startPostgres } from '../src/index.ts';

const [dataDir = '', ending = 'wait'] = process.argv.slice(2);
const server = await startPostgres({ dataDir, durable: false });
const waiting = setInterval(() => undefined, 1000);
process.once('SIGUSR2', () => {
  clearInterval(waiting);
  if (ending === 'throw') throw new Error('on purpose');
});
process.stdout.write(`${JSON.stringify({ pid: server.pid, url: server.url })}\n`);
