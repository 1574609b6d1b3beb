// The one table of error codes, shared by the API's answers and by failed jobs. A code is a promise: it never changes its meaning.

import { type ErrorKind, WORK_ERRORS } from './work-errors.ts';

export const ERRORS = {
  INVALID_REQUEST: { status: 400, retryable: false, message: 'The request is not valid.' },
  BAD_JSON: { status: 400, retryable: false, message: 'The body is not valid JSON.' },
  BAD_MULTIPART: { status: 400, retryable: false, message: 'The multipart body can not be read.' },
  IMAGE_PART_MISSING: {
    status: 400,
    retryable: false,
    message: 'Send the file as a multipart part named "image".',
  },
  TOO_MANY_FILES: { status: 400, retryable: false, message: 'Send one file a request.' },
  UNKNOWN_PART: { status: 400, retryable: false, message: 'The request has a part that is not known here.' },
  EMPTY_FILE: { status: 400, retryable: false, message: 'The file is empty.' },
  UPLOAD_ABORTED: {
    status: 400,
    retryable: true,
    message: 'The connection ended before the whole file had arrived.',
  },
  UPLOAD_EXPIRED: { status: 408, retryable: true, message: 'The upload took too long. Send it again.' },
  UNAUTHENTICATED: {
    status: 401,
    retryable: false,
    message: 'Send a valid key as "X-API-Key: …" or "Authorization: Bearer …", or log in.',
  },
  INVALID_CREDENTIALS: { status: 401, retryable: false, message: 'Address or password is wrong.' },
  FORBIDDEN: {
    status: 403,
    retryable: false,
    message: 'This key may not do that: it lacks the scope for it.',
  },
  PERSON_REQUIRED: {
    status: 403,
    retryable: false,
    message: 'A key may not do that: log in first.',
  },
  ACCOUNT_SUSPENDED: {
    status: 403,
    retryable: false,
    message: 'This account is suspended. Ask those who run the service.',
  },
  CROSS_SITE_REQUEST: {
    status: 403,
    retryable: false,
    message: 'A page of another site may not do that in your name.',
  },
  REGISTRATION_CLOSED: {
    status: 403,
    retryable: false,
    message: 'Accounts are made by those who run the service: ask them.',
  },
  STORAGE_QUOTA_EXCEEDED: {
    status: 403,
    retryable: false,
    message: 'There is no room left in your plan for this file. Delete images, or ask for a larger plan.',
  },
  SIGNATURE_INVALID: {
    status: 403,
    retryable: false,
    message: 'The signature does not fit this address. Ask for a new signed address.',
  },
  SIGNATURE_EXPIRED: {
    status: 403,
    retryable: false,
    message: 'This address has expired. Ask for a new signed address.',
  },
  NOT_FOUND: { status: 404, retryable: false, message: 'There is nothing at this address.' },
  JOB_NOT_FOUND: { status: 404, retryable: false, message: 'There is no such job.' },
  IMAGE_NOT_FOUND: { status: 404, retryable: false, message: 'There is no such image.' },
  TAG_NOT_FOUND: { status: 404, retryable: false, message: 'The image has no such tag.' },
  DERIVATIVE_NOT_FOUND: { status: 404, retryable: false, message: 'There is no derivative of this name.' },
  FILE_NOT_FOUND: { status: 404, retryable: false, message: 'There is no file at this path.' },
  UPLOAD_NOT_FOUND: {
    status: 404,
    retryable: false,
    message: 'There is no such upload, or it was taken in.',
  },
  USER_NOT_FOUND: { status: 404, retryable: false, message: 'There is no such user.' },
  API_KEY_NOT_FOUND: { status: 404, retryable: false, message: 'There is no such key, or it is revoked.' },
  PLAN_NOT_FOUND: { status: 404, retryable: false, message: 'There is no such plan.' },
  REPROCESS_RUN_NOT_FOUND: { status: 404, retryable: false, message: 'There is no such run.' },
  WEBHOOK_ENDPOINT_NOT_FOUND: {
    status: 404,
    retryable: false,
    message: 'There is no such webhook endpoint.',
  },
  WEBHOOK_DELIVERY_NOT_FOUND: {
    status: 404,
    retryable: false,
    message: 'There is no such webhook delivery.',
  },
  IDEMPOTENCY_KEY_INVALID: {
    status: 400,
    retryable: false,
    message: 'An Idempotency-Key has 1 to 255 printable ASCII characters.',
  },
  IDEMPOTENCY_KEY_IN_USE: {
    status: 409,
    retryable: true,
    message: 'A request with this Idempotency-Key is still under way. Try again soon.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    retryable: false,
    message: 'This Idempotency-Key was used for another request. Use a new key for a new request.',
  },
  EMAIL_TAKEN: { status: 409, retryable: false, message: 'There is an account with this address already.' },
  NO_PASSWORD: {
    status: 409,
    retryable: false,
    message: 'This account has no password here: it logs in by an identity provider.',
  },
  OWN_RIGHTS: {
    status: 409,
    retryable: false,
    message: 'Nobody takes his own rights or suspends himself. Ask another administrator.',
  },
  PLAN_IN_USE: {
    status: 409,
    retryable: false,
    message: 'Accounts or keys are on this plan. Move them to another first.',
  },
  TOO_MANY_API_KEYS: {
    status: 409,
    retryable: false,
    message: 'There are as many live keys as are allowed. Revoke one first.',
  },
  JOB_FINISHED: { status: 409, retryable: false, message: 'The job has already ended.' },
  JOB_NOT_RETRYABLE: {
    status: 409,
    retryable: false,
    message: 'Only a job that failed or was canceled can be run again.',
  },
  WEBHOOK_ENDPOINT_DISABLED: {
    status: 409,
    retryable: false,
    message: 'The webhook endpoint is disabled. Enable it first.',
  },
  TOO_MANY_WEBHOOK_ENDPOINTS: {
    status: 409,
    retryable: false,
    message: 'There are as many webhook endpoints as are allowed. Delete one first.',
  },
  URL_NOT_ALLOWED: {
    status: 422,
    retryable: false,
    message:
      'This address can not be called from here: only public addresses on the ports 80, 443, 8080 and 8443.',
  },
  PATH_TAKEN: { status: 409, retryable: false, message: 'Another image has this path. Choose another.' },
  TOO_MANY_TAGS: { status: 409, retryable: false, message: 'The image would have more tags than it may.' },
  TOO_MANY_DERIVATIVES: {
    status: 409,
    retryable: false,
    message: 'As many derivatives as are allowed were made of this picture. Ask for one of them.',
  },
  HASH_UNAVAILABLE: {
    status: 409,
    retryable: false,
    message: 'The pixels of this image were not read: it can not be compared.',
  },
  UPLOAD_NOT_READY: {
    status: 409,
    retryable: true,
    message: 'The file has not arrived yet. Send it to the address of the upload first.',
  },
  UPLOAD_MISMATCH: {
    status: 422,
    retryable: false,
    message: 'What arrived is not what the upload was made for: size or type differ.',
  },
  RATE_LIMITED: {
    status: 429,
    retryable: true,
    message: 'More requests a second than the plan allows. Try again after Retry-After seconds.',
  },
  DAILY_QUOTA_EXCEEDED: {
    status: 429,
    retryable: true,
    message: 'More requests today than the plan allows. Try again tomorrow (UTC), or ask for a larger plan.',
  },
  TOO_MANY_JOBS: {
    status: 429,
    retryable: true,
    message: 'As many jobs as the plan allows have not ended yet. Try again when one has.',
  },
  TOO_MANY_ATTEMPTS: {
    status: 429,
    retryable: true,
    message: 'Too many attempts. Try again after Retry-After seconds.',
  },
  TOO_MANY_REQUESTS: { status: 429, retryable: true, message: 'Too many requests at once. Try again soon.' },
  METADATA_NOT_READY: { status: 409, retryable: true, message: 'The image has not been inspected yet.' },
  METADATA_UNAVAILABLE: {
    status: 409,
    retryable: false,
    message: 'The image could not be inspected; its job says why.',
  },
  ORIGINAL_NOT_READY: { status: 409, retryable: true, message: 'The image has not been fetched yet.' },
  ORIGINAL_UNAVAILABLE: {
    status: 409,
    retryable: false,
    message: 'The image could not be fetched; its job says why.',
  },
  LENGTH_REQUIRED: {
    status: 411,
    retryable: false,
    message: 'Say how long the file is: send a Content-Length.',
  },
  IMAGE_TOO_LARGE: {
    status: 413,
    retryable: false,
    message: 'The file is larger than this service accepts.',
  },
  REQUEST_TOO_LARGE: {
    status: 413,
    retryable: false,
    message: 'The request is larger than this service accepts.',
  },
  NOT_AN_IMAGE: { status: 415, retryable: false, message: 'The file is no image of a format known here.' },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    retryable: false,
    message:
      'Send the request in a content type that is taken here: multipart/form-data or application/json.',
  },
  RANGE_NOT_SATISFIABLE: { status: 416, retryable: false, message: 'The range lies outside the file.' },
  INTERNAL: {
    status: 500,
    retryable: true,
    message: 'Something went wrong here. The requestId names it in the logs.',
  },
  DATABASE_UNAVAILABLE: {
    status: 503,
    retryable: true,
    message: 'The database can not be reached now. Try again soon.',
  },
  OBJECT_STORE_UNAVAILABLE: {
    status: 503,
    retryable: true,
    message: 'The object store can not be reached now. Try again soon.',
  },
  QUEUE_UNAVAILABLE: {
    status: 503,
    retryable: true,
    message: 'The queue can not be looked into now. Nothing is lost by that; try again soon.',
  },
  IDENTITY_PROVIDER_UNAVAILABLE: {
    status: 503,
    retryable: true,
    message: 'Your token can not be checked now: the identity provider does not answer. Try again soon.',
  },
  OVERLOADED: { status: 503, retryable: true, message: 'The service is busy. Try again soon.' },
  SHUTTING_DOWN: { status: 503, retryable: true, message: 'This instance is stopping. Try again at once.' },
  ...WORK_ERRORS,
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

export const ERROR_CODES = Object.keys(ERRORS) as ErrorCode[];

/** One wrong part of a request: where it stands and what is wrong with it. */
export interface Problem {
  pointer: string;
  message: string;
}

export interface AppErrorOptions {
  /** A public text more precise than the table's. Never holds a path, an address or a secret. */
  message?: string;
  problems?: Problem[];
  /** When it makes sense to try again. */
  retryAfterSeconds?: number;
  /** What really happened; for the logs alone. */
  cause?: unknown;
}

/** What a caller is told to wait by default, by status. */
const RETRY_AFTER_SECONDS: Record<number, number> = { 429: 1, 503: 2 };

/** An error that a caller may see: its message is public, its cause is not. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly retryable: boolean;
  readonly problems: Problem[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    super(options.message ?? ERRORS[code].message, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.status = ERRORS[code].status;
    this.retryable = ERRORS[code].retryable;
    this.problems = options.problems;
    this.retryAfterSeconds = options.retryAfterSeconds ?? RETRY_AFTER_SECONDS[this.status];
  }
}
