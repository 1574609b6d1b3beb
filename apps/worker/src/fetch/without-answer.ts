// What it means for a job that a server gave no answer, or broke off: the errors of undici, of sockets, of TLS and of zlib.
import { AppError } from '@tintype/core';

const TIMEOUTS: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);

/** It was there, and did not speak HTTP as it should. */
const NONSENSE = /^(HPE_|HTTPParserError|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES_)/;

/** No answer came. */
export function withoutAnswer(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const code = codeOf(cause);
  if (TIMEOUTS.has(code)) return new AppError('URL_TIMEOUT', { cause });
  return new AppError(NONSENSE.test(code) ? 'URL_SERVER_ERROR' : 'URL_UNREACHABLE', { cause });
}

/** An answer began and did not end. */
export function brokenOff(cause: unknown): AppError {
  if (cause instanceof AppError && cause.code !== 'UPLOAD_ABORTED') return cause;
  if (TIMEOUTS.has(codeOf(cause))) return new AppError('URL_TIMEOUT', { cause });
  return new AppError('URL_SERVER_ERROR', {
    message: 'The server at the address broke off before the end of the file.',
    cause,
  });
}

/** undici's parser gives some of its errors a name alone. */
function codeOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return String(code ?? name ?? '');
}
