// Idempotency-Key: the same request sent again does nothing twice and is given the first answer (IETF
// draft-ietf-httpapi-idempotency-key-header). Knows keys and answers, no route.
//
// A route opts in by `config: { access: 'webhooks', idempotent: true }` and does nothing else: its body is compared, its answer (JSON, 2xx)
// is kept, any other answer gives the key back. One whose answer holds a secret says `idempotent: 'sealed'`: it is given again to the same
// credential alone, and nobody else can read it meanwhile. A route that reads its body as a stream, and whose answer is written by the statement
// of its own work, says `idempotent: 'in-handler'` and minds `request.idempotency` itself.
import { AppError } from '@tintype/core';
import { type AnsweredKey, isDataError, type KeyHold, newId, type StoredAnswer } from '@tintype/prisma';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { readCredential } from '../auth/read-credential.ts';
import type { Deps } from '../deps.ts';
import { digestOf } from '../digest-of.ts';
import { ownOf } from '../principal.ts';
import { isSealed, openAnswer, sealAnswer } from '../seal-answer.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The request's turn at its key; undefined without one. */
    idempotency: KeyTurn | undefined;
  }
  interface FastifyContextConfig {
    idempotent?: true | 'sealed' | 'in-handler';
  }
}

export interface KeyTurn {
  hold: KeyHold;
  /** What the key was answered before: to be given again, if the request is the same. */
  answered: StoredAnswer | undefined;
  /** Of the parsed body; of a streamed one the handler knows it. */
  fingerprintHex: string | undefined;
  /**
   * `held`: nothing was done under the key, an error gives it back. `writing`: nobody knows whether the answer was written; if not, its
   * lease runs out. `ended`: nothing more is to be done.
   */
  state: 'held' | 'writing' | 'ended';
}

interface Options {
  db: Pick<Deps['db'], 'idempotency'>;
  leaseMs: number;
  keepMs: number;
  /** Of the session. */
  cookieName: string;
}

const KEY = /^[\x20-\x7e]{1,255}$/;

export function addIdempotency(app: FastifyInstance, { db, leaseMs, keepMs, cookieName }: Options): void {
  const stopRenewing = new Map<KeyTurn, () => void>();
  renewUnderWay(app, { db, leaseMs, turns: () => [...stopRenewing.keys()] });

  app.decorateRequest('idempotency', undefined);

  // After everything that can say no by the head alone, before a byte of the body.
  app.addHook('preParsing', async (request, reply, payload) => {
    const key = request.headers['idempotency-key'];
    if (request.routeOptions.config.idempotent === undefined || key === undefined) return payload;
    if (typeof key !== 'string' || !KEY.test(key)) throw new AppError('IDEMPOTENCY_KEY_INVALID');
    const { tenantId, idempotency } = ownOf(request);
    const hold: KeyHold = { tenantId, key, owner: newId() };
    const turn: KeyTurn = { hold, answered: undefined, fingerprintHex: undefined, state: 'held' };
    request.idempotency = turn;
    const begun = await idempotency.begin(hold, { leaseMs, keepMs });
    if (begun.state === 'ours') {
      renewWhileAsked(turn, request, reply);
      // Who hung up meanwhile sends no body any more, and nobody would notice.
      if (request.raw.destroyed && !request.raw.complete) throw new AppError('UPLOAD_ABORTED');
      return payload;
    }
    turn.state = 'ended';
    if (begun.state === 'running') throw keyInUse();
    turn.answered = begun.answer;
    return payload;
  });

  app.addHook('preValidation', async (request, reply) => {
    const { idempotency: turn } = request;
    if (turn === undefined || request.routeOptions.config.idempotent === 'in-handler') return;
    turn.fingerprintHex = fingerprintOf(request);
    if (turn.answered === undefined) return;
    expectSame(turn.answered, turn.fingerprintHex);
    return sendAgain(reply, unsealed(turn.answered, request));
  });

  app.addHook('onSend', async (request, reply, payload) => {
    const { idempotency: turn } = request;
    if (turn?.state !== 'held') return payload;
    turn.state = 'ended';
    stopRenewing.get(turn)?.();
    if (reply.statusCode < 300 && turn.fingerprintHex !== undefined) {
      await finish(turn, { request, reply, payload, fingerprintHex: turn.fingerprintHex });
      return payload;
    }
    const released = release(turn, request);
    // A database that is away is not waited for twice.
    if (request.problemCode !== 'DATABASE_UNAVAILABLE') await released;
    return payload;
  });

  /** Behind the last byte of the answer, or the client's going away, the lease that is left must do. */
  function renewWhileAsked(turn: KeyTurn, request: FastifyRequest, { raw }: FastifyReply): void {
    const stop = () => {
      stopRenewing.delete(turn);
      raw.off('close', end);
    };
    const end = () => {
      stop();
      // Who hangs up before the body is whole may never be heard of again, and nothing was done yet. Of a whole one the handler is at work.
      if (turn.state !== 'held' || request.raw.complete) return;
      turn.state = 'ended';
      void release(turn, request);
    };
    stopRenewing.set(turn, stop);
    if (raw.destroyed) end();
    else raw.once('close', end);
  }

  async function finish({ hold }: KeyTurn, sent: SentAnswer): Promise<void> {
    const { request, reply, payload, fingerprintHex } = sent;
    const location = reply.getHeader('location');
    const body = typeof payload === 'string' && payload !== '' ? JSON.parse(payload) : null;
    const isSecret = request.routeOptions.config.idempotent === 'sealed';
    const answer: StoredAnswer = {
      fingerprintHex,
      status: reply.statusCode,
      headers: typeof location === 'string' ? { location } : {},
      body: isSecret ? sealAnswer(body, credentialOf(request)) : body,
    };
    // What was asked for is done: an error here must not read as if it were not.
    const isKept = await ownOf(request)
      .idempotency.finish(hold, answer)
      .catch((err) => {
        request.log.warn({ err }, 'answer to an Idempotency-Key not kept');
        return true;
      });
    if (!isKept) request.log.warn('an Idempotency-Key was taken over before its request had ended');
  }

  function credentialOf(request: FastifyRequest): string {
    return readCredential(request, cookieName)?.text ?? '';
  }

  /** @throws AppError IDEMPOTENCY_KEY_REUSED */
  function unsealed(answer: StoredAnswer, request: FastifyRequest): StoredAnswer {
    if (!isSealed(answer.body)) return answer;
    const body = openAnswer(answer.body, credentialOf(request));
    if (body !== undefined) return { ...answer, body };
    throw new AppError('IDEMPOTENCY_KEY_REUSED', {
      message:
        'The answer to this Idempotency-Key holds a secret. It is shown again to the credential alone that asked first.',
    });
  }

  async function release({ hold }: KeyTurn, request: FastifyRequest): Promise<void> {
    const { log } = request;
    await ownOf(request)
      .idempotency.release(hold)
      .catch((err) => log.warn({ err }, 'Idempotency-Key not given back'));
  }
}

interface SentAnswer {
  request: FastifyRequest;
  reply: FastifyReply;
  payload: unknown;
  fingerprintHex: string;
}

/** One statement a while for all that is under way. */
function renewUnderWay(
  app: FastifyInstance,
  { db, leaseMs, turns }: Pick<Options, 'db' | 'leaseMs'> & { turns: () => KeyTurn[] },
): void {
  let isRenewing = false;
  async function renew(): Promise<void> {
    const holds = turns().flatMap(({ hold, state }) => (state === 'ended' ? [] : [hold]));
    if (isRenewing || holds.length === 0) return;
    isRenewing = true;
    await db.idempotency
      .renew(holds, leaseMs)
      .catch((err) => app.log.warn({ err }, 'Idempotency-Keys not renewed'));
    isRenewing = false;
  }
  const timer = setInterval(() => void renew(), leaseMs / 3).unref();
  app.addHook('onClose', async () => clearInterval(timer));
}

/** What a write needs in order to answer the key of the turn. */
export function answerUnder(turn: KeyTurn | undefined, fingerprintHex: string): AnsweredKey | null {
  if (turn === undefined) return null;
  const { key, owner } = turn.hold;
  return { key, owner, fingerprintHex };
}

/**
 * Makes the write that does the work and answers the key in one statement, and notes in the turn what became of the key.
 * @throws whatever `write` throws
 */
export async function writeUnderKey<Result extends { outcome: string }>(
  turn: KeyTurn | undefined,
  write: () => Promise<Result>,
): Promise<Result> {
  if (turn === undefined) return write();
  turn.state = 'writing';
  try {
    const result = await write();
    // Nothing was written for an upload that was swept, or whose content is known.
    turn.state = result.outcome === 'accepted' || result.outcome === 'key-lost' ? 'ended' : 'held';
    return result;
  } catch (error) {
    // Only an error of the data means that nothing was committed.
    if (isDataError(error)) turn.state = 'held';
    throw error;
  }
}

/** @throws AppError INVALID_REQUEST */
function fingerprintOf({ method, url, body = null }: FastifyRequest): string {
  try {
    return digestOf({ method, url, body });
  } catch (cause) {
    // The stack ends before the brackets do. Nothing here takes such a body.
    throw new AppError('INVALID_REQUEST', { message: 'The body is nested too deeply.', cause });
  }
}

/** @throws AppError IDEMPOTENCY_KEY_REUSED */
export function expectSame(answered: StoredAnswer, fingerprintHex: string): void {
  if (answered.fingerprintHex !== fingerprintHex) throw new AppError('IDEMPOTENCY_KEY_REUSED');
}

export function sendAgain(reply: FastifyReply, { status, headers, body }: StoredAnswer): FastifyReply {
  return reply
    .code(status)
    .headers(headers)
    .header(REPLAYED, 'true')
    .send(body ?? undefined);
}

export const REPLAYED = 'idempotent-replayed';

export function keyInUse(): AppError {
  return new AppError('IDEMPOTENCY_KEY_IN_USE', { retryAfterSeconds: 1 });
}
