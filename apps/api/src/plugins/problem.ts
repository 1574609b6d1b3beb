// Every error becomes a problem document (RFC 9457) with a stable code. What is not ours to tell goes to the log alone.
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { AppError, ERRORS, type ErrorCode, type Problem } from '@tintype/core';
import { isDatabaseUnavailable, isPlanGone, newId } from '@tintype/prisma';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ProblemDocument } from '../schemas/problem.ts';
import { challengeOf } from './auth.ts';

/** Codes of Fastify and its plugins → ours. */
const FASTIFY_CODES: Record<string, ErrorCode> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_INVALID_MULTIPART_CONTENT_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_INVALID_JSON_BODY: 'BAD_JSON',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'BAD_JSON',
  FST_INVALID_JSON_FIELD_ERROR: 'BAD_JSON',
  FST_ERR_CTP_BODY_TOO_LARGE: 'REQUEST_TOO_LARGE',
  FST_REQ_FILE_TOO_LARGE: 'IMAGE_TOO_LARGE',
  FST_FILES_LIMIT: 'TOO_MANY_FILES',
  FST_PARTS_LIMIT: 'BAD_MULTIPART',
  FST_FIELDS_LIMIT: 'BAD_MULTIPART',
  FST_PROTO_VIOLATION: 'UNKNOWN_PART',
  FST_MP_PREMATURE_CLOSE: 'UPLOAD_ABORTED',
  FST_ERR_BAD_URL: 'NOT_FOUND',
  FST_ERR_MAX_PARAM_LENGTH: 'NOT_FOUND',
};

/** Whoever names a plan looks for it first; it may be deleted before it is written. */
const NO_PLAN = 'There is no plan of that name.';

export function addProblems(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) =>
    sendProblem(toAppError(error, request), request, reply),
  );
  app.setNotFoundHandler((request, reply) => sendProblem(new AppError('NOT_FOUND'), request, reply));
}

/** An address that can't be decoded, or is too long, is answered before any route and any hook. */
export function answerBadUrl(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-request-id', request.id);
  sendProblem(toAppError(error, request), request, reply);
}

/** What is no HTTP, or takes too long to arrive, never becomes a request: the answer goes to the bare socket. */
export function answerBadHttp(error: NodeJS.ErrnoException, socket: Socket): void {
  if (socket.writable && error.code !== 'ECONNRESET') {
    const code = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'UPLOAD_EXPIRED' : 'INVALID_REQUEST';
    const requestId = newId();
    const body = JSON.stringify(describe(new AppError(code), requestId));
    const head = [
      `HTTP/1.1 ${ERRORS[code].status} ${STATUS_CODES[ERRORS[code].status]}`,
      'content-type: application/problem+json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      `x-request-id: ${requestId}`,
      'connection: close',
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  }
  socket.destroy(error);
}

/** What a caller is told about any error. */
export function toAppError(
  error: FastifyError | AppError,
  { raw, body }: Pick<FastifyRequest, 'raw' | 'body'>,
): AppError {
  if (error instanceof AppError) return error;
  // A client that hangs up leaves an ECONNRESET behind, which reads like one of the database's.
  if (raw.destroyed && !raw.complete) return new AppError('UPLOAD_ABORTED', { cause: error });
  if (error.validation !== undefined) return invalidRequest(error);
  if (isDatabaseUnavailable(error)) return new AppError('DATABASE_UNAVAILABLE', { cause: error });
  // Where the request names none, it is the configuration's.
  if (isPlanGone(error) && (body as { plan?: unknown } | null | undefined)?.plan !== undefined)
    return new AppError('INVALID_REQUEST', { message: NO_PLAN, cause: error });
  return new AppError(FASTIFY_CODES[error.code] ?? codeOfPlainError(error), { cause: error });
}

/** The multipart parser throws plain errors. */
function codeOfPlainError({ message, statusCode }: FastifyError): ErrorCode {
  // A "needle" is a boundary, of 256 bytes at most.
  if (
    /multipart|boundary|needle|malformed part|unexpected end|terminated early|premature close/i.test(message)
  )
    return 'BAD_MULTIPART';
  return statusCode === 400 ? 'INVALID_REQUEST' : 'INTERNAL';
}

function invalidRequest({ validation = [], validationContext }: FastifyError): AppError {
  const problems: Problem[] = validation.map(({ instancePath, message, params }) => {
    const missing = params.missingProperty ?? params.additionalProperty;
    return {
      pointer: `${instancePath}${missing === undefined ? '' : `/${missing}`}`,
      message: message ?? 'is not valid',
    };
  });
  const told = deepest(problems);
  const where = `${validationContext ?? 'request'} ${told?.pointer.slice(1) ?? ''}`.trim();
  return new AppError('INVALID_REQUEST', {
    message: `${where} ${told?.message ?? 'is not valid'}.`,
    problems,
  });
}

/** Of what may be one thing or another each is found wrong: what was meant is what fits furthest. The first of equals. */
function deepest(problems: Problem[]): Problem | undefined {
  const depth = ({ pointer }: Problem) => pointer.split('/').length;
  return problems.toSorted((one, other) => depth(other) - depth(one))[0];
}

function sendProblem(error: AppError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error.status >= 500) request.log[error.status === 500 ? 'error' : 'warn']({ err: error }, error.code);
  request.problemCode = error.code;
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', error.retryAfterSeconds);
  if (error.status === 401) reply.header('www-authenticate', challengeOf(request));
  return reply.code(error.status).type('application/problem+json').send(describe(error, request.id));
}

function describe(error: AppError, requestId: string): ProblemDocument {
  return {
    type: `urn:tintype:error:${error.code}`,
    title: ERRORS[error.code].message,
    status: error.status,
    detail: error.message,
    code: error.code,
    requestId,
    ...(error.problems === undefined ? {} : { errors: error.problems }),
  };
}
