// Answers a POST with its job: at once, or when the job has ended, as the client prefers (RFC 7240, section 4.3).
import type { FastifyReply, FastifyRequest } from 'fastify';
import { clientGone } from './client-gone.ts';
import type { Deps } from './deps.ts';
import { ownOf } from './principal.ts';
import { readJob } from './read-job.ts';
import type { Job } from './schemas/job.ts';
import { waitForJob } from './wait-for-job.ts';

interface Exchange {
  request: FastifyRequest;
  reply: FastifyReply;
  maxWaitSeconds: number;
}

/** 200 with a job that has ended, else 202. */
export async function answerWithJob(
  job: Job,
  exchange: Exchange,
  { finished }: Pick<Deps, 'finished'>,
): Promise<FastifyReply> {
  const { reply } = exchange;
  reply.header('location', job.links.self);
  const last = (await waitAsPreferred(job, exchange, { finished })) ?? job;
  if (last.finishedAt !== null) return reply.code(200).send(last);
  return reply.code(202).header('retry-after', 1).send(last);
}

async function waitAsPreferred(
  { id, finishedAt }: Job,
  { request, reply, maxWaitSeconds }: Exchange,
  { finished }: Pick<Deps, 'finished'>,
): Promise<Job | undefined> {
  const seconds = preferredWait(request.headers.prefer, maxWaitSeconds);
  if (seconds === 0) return undefined;
  reply.header('preference-applied', `wait=${seconds}`);
  if (finishedAt !== null) return undefined;
  const own = ownOf(request);
  try {
    const end = { timeoutMs: seconds * 1000, signal: clientGone(reply.raw) };
    if (!(await waitForJob(id, end, { own, finished }))) return undefined;
    // A key that was revoked meanwhile is told no more than that the job is accepted.
    await request.server.authenticate(request);
    return await readJob(id, own);
  } catch (err) {
    // The job is accepted whatever becomes of the waiting: an error here must not read like a refusal.
    request.log.warn({ err, jobId: id }, 'waiting ended early');
    return undefined;
  }
}

/** The seconds of `Prefer: wait=…`, cut to what is allowed; 0 without one. */
function preferredWait(prefer: string | string[] | undefined, most: number): number {
  const seconds = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})/i.exec(String(prefer ?? ''))?.[1];
  return Math.min(Number(seconds ?? 0), most);
}
