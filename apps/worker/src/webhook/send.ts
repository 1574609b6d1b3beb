// One try to send: a POST, and what came of it. Never throws for what a receiver does. Knows no database and no schedule.
import { AppError, checkUrl } from '@tintype/core';
import { type Dispatcher, request } from 'undici';
import { parseRetryAfter } from './schedule.ts';

export interface Outcome {
  /** Null: there was no answer. */
  status: number | null;
  /** Why there was no answer: a code of the table of errors, and the system's own behind a colon. Null where there was one. */
  error: string | null;
  /** The first kilobyte of what was answered, as text. */
  answer: string | null;
  retryAfterMs: number | undefined;
  durationMs: number;
}

export interface SendOptions {
  /** For everything: connection, headers and body. */
  timeoutMs: number;
  /** Guards every connection; see packages/core/src/outgoing. Follows no redirects. */
  dispatcher: Dispatcher;
  allow: readonly string[];
}

const KEPT_BYTES = 1024;
/** Who answers with more is hung up on. */
const MAX_READ_BYTES = 64 * 1024;

const HEADERS = {
  'content-type': 'application/json',
  'user-agent': 'Tintype-Webhooks/1',
};

export async function send(
  { url, headers, body }: { url: string; headers: object; body: string },
  { timeoutMs, dispatcher, allow }: SendOptions,
): Promise<Outcome> {
  const begunAt = performance.now();
  const none = { status: null, error: null, answer: null, retryAfterMs: undefined };
  const told = (outcome: Partial<Outcome>): Outcome => ({
    ...none,
    ...outcome,
    durationMs: performance.now() - begunAt,
  });
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const target = checkUrl(url, { allow });
    const answer = await request(target, {
      method: 'POST',
      headers: { ...HEADERS, ...headers },
      body,
      dispatcher,
      signal,
    });
    const retryAfter = answer.headers['retry-after'];
    return told({
      status: answer.statusCode,
      // The status has decided: a body that breaks off, or does not end, changes nothing.
      answer: await beginningOf(answer.body, signal),
      retryAfterMs: parseRetryAfter(typeof retryAfter === 'string' ? retryAfter : retryAfter?.[0]),
    });
  } catch (error) {
    return told({ error: signal.aborted ? 'URL_TIMEOUT' : codeOf(error) });
  }
}

/** @returns what arrived, whatever ended it */
async function beginningOf(body: AsyncIterable<Buffer>, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let [kept, read] = [0, 0];
  try {
    for await (const chunk of body) {
      if (kept < KEPT_BYTES) chunks.push(chunk.subarray(0, KEPT_BYTES - kept));
      kept += Math.min(chunk.length, KEPT_BYTES - kept);
      read += chunk.length;
      if (read > MAX_READ_BYTES || signal.aborted) break;
    }
  } catch {}
  return textOf(Buffer.concat(chunks));
}

/** Without NUL, which PostgreSQL keeps in no text, and without half a character at the end. */
function textOf(bytes: Buffer): string {
  return new TextDecoder().decode(bytes, { stream: true }).replaceAll('\0', '\uFFFD');
}

function codeOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (error instanceof AppError) return error.code;
  if (cause instanceof AppError) return cause.code;
  const isTimeout = typeof code === 'string' && code.endsWith('_TIMEOUT');
  if (isTimeout) return `URL_TIMEOUT: ${code}`;
  return typeof code === 'string' ? `URL_UNREACHABLE: ${code}` : 'URL_UNREACHABLE';
}
