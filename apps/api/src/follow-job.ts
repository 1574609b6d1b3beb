// How a job goes, as events: one for each state that is seen, the last one when it has ended. States, not a history: what was missed
// in between is not told any more.
import { AppError, type Logger } from '@tintype/core';
import type { Deps } from './deps.ts';
import type { Job } from './schemas/job.ts';
import { HEARTBEAT, type ServerSentEvent } from './server-sent-events.ts';

/** The job is read often while something changes and less and less often while nothing does. Its end is heard of at once. */
const PAUSE_MS = { least: 250, most: 2000, growth: 1.5 };
const HEARTBEAT_MS = 15_000;

export interface JobFollower {
  /** The id of the event that was seen last. */
  lastEventId: string | undefined;
  /** Reads the job. @throws AppError that is not retryable where it may be seen no more; any other error passes */
  look: () => Promise<Job>;
  /** Aborts when nobody is there any more. */
  signal: AbortSignal;
  heartbeatMs?: number;
}

/** Ends with the job, with its reader, with the reader's right to see it, and with the process. */
export async function* followJob(
  id: string,
  { lastEventId, look, signal, heartbeatMs = HEARTBEAT_MS }: JobFollower,
  { finished, log }: Pick<Deps, 'finished'> & { log: Pick<Logger, 'debug'> },
): AsyncGenerator<ServerSentEvent | typeof HEARTBEAT> {
  let seen = lastEventId;
  let saidAt = performance.now();
  let pauseMs = PAUSE_MS.least;
  while (!signal.aborted && !finished.closed) {
    // Listening begins before looking: no end can fall between the two.
    const heard = finished.wait(id, { timeoutMs: Math.min(pauseMs, heartbeatMs), signal });
    const { event, ended } = await takeLook(look, { id, seen, log });
    pauseMs = event === undefined ? Math.min(pauseMs * PAUSE_MS.growth, PAUSE_MS.most) : PAUSE_MS.least;
    if (event !== undefined || performance.now() - saidAt >= heartbeatMs) {
      yield event ?? HEARTBEAT;
      saidAt = performance.now();
      seen = event?.id ?? seen;
    }
    if (ended) return;
    await heard;
  }
}

/** What is new, and whether nothing will be any more. */
async function takeLook(
  look: () => Promise<Job>,
  { id, seen, log }: { id: string; seen: string | undefined; log: Pick<Logger, 'debug'> },
): Promise<{ event?: ServerSentEvent | undefined; ended: boolean }> {
  try {
    const job = await look();
    return { event: eventOf(job, seen), ended: job.finishedAt !== null };
  } catch (err) {
    if (err instanceof AppError && !err.retryable) return { ended: true };
    // A stream outlives an outage of the database: clients would not come back to an answer that is an error.
    log.debug({ err, jobId: id }, 'following a job');
    return { ended: false };
  }
}

/** Names the state of a job: the same name, nothing new to tell. */
export function stateId({ status, attempt, queue, finishedAt }: Job): string {
  const rest = finishedAt === null ? queue?.position : Date.parse(finishedAt);
  return [status, attempt, ...(rest === undefined ? [] : [rest])].join('-');
}

function eventOf(job: Job, seen: string | undefined): ServerSentEvent | undefined {
  const id = stateId(job);
  if (id === seen) return undefined;
  if (job.finishedAt !== null) return { id, event: job.status, data: job };
  return { id, event: seen?.split('-')[0] === job.status ? 'progress' : 'status', data: job };
}
