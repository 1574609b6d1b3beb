// Codes of what goes wrong with a picture or a job while it is worked on: part of the table in errors.ts.

export interface ErrorKind {
  /** HTTP status where an answer carries the code. */
  status: number;
  /** The same request or job may succeed later without a change. */
  retryable: boolean;
  /** What a caller reads when nothing more precise is known. */
  message: string;
}

export const WORK_ERRORS = {
  // Of pictures that can not be made, or not in time:
  RENDER_TIMEOUT: {
    status: 503,
    retryable: true,
    message: 'The picture is not ready yet, and is still being made. Try again soon.',
  },
  NOT_RENDERABLE: {
    status: 422,
    retryable: false,
    message: 'Files of this format are described, and can not be turned into other pictures.',
  },
  PICTURE_TOO_LARGE: {
    status: 422,
    retryable: false,
    message: 'The picture has more pixels than are rendered here, or would have.',
  },
  // Of jobs alone:
  DUPLICATE_IMAGE: {
    status: 422,
    retryable: false,
    message: 'Nearly the same image is there already, and duplicates were not wanted.',
  },
  URL_NOT_FOUND: { status: 422, retryable: false, message: 'There is nothing at the address to fetch.' },
  URL_REFUSED: { status: 422, retryable: false, message: 'The server at the address refused to answer.' },
  URL_TOO_MANY_REDIRECTS: { status: 422, retryable: false, message: 'The address leads on too often.' },
  URL_UNREACHABLE: { status: 422, retryable: true, message: 'The server at the address can not be reached.' },
  URL_SERVER_ERROR: { status: 422, retryable: true, message: 'The server at the address failed to answer.' },
  URL_TIMEOUT: { status: 422, retryable: true, message: 'The server at the address took too long.' },
  IMAGE_UNREADABLE: {
    status: 422,
    retryable: false,
    message: 'The file looks like an image but can not be read as one.',
  },
  ORIGINAL_MISSING: { status: 422, retryable: false, message: 'The stored file is gone.' },
  ORIGINAL_CORRUPT: {
    status: 422,
    retryable: true,
    message: 'The stored file is not the file that was sent.',
  },
  DECODER_CRASHED: { status: 422, retryable: true, message: 'Reading the image ended its process.' },
  DECODER_TIMEOUT: { status: 422, retryable: true, message: 'Reading the image took too long.' },
  WORKER_LOST: { status: 500, retryable: true, message: 'The worker that ran this job disappeared.' },
} as const satisfies Record<string, ErrorKind>;
