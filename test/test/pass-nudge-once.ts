// A process that passes one nudge through QUEUE_URL: 0 when it arrived.
import { passNudge } from './pass-nudge.ts';

await passNudge(process.env.QUEUE_URL ?? '').then(
  () => process.exit(0),
  (error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  },
);
