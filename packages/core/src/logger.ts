// The one logger: JSON lines to standard output, secrets taken out.
import { type Logger, type LoggerOptions, pino } from 'pino';

export type { Logger };

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const SECRETS = [
  'authorization',
  'cookie',
  '["set-cookie"]',
  '["x-api-key"]',
  'password',
  'secret',
  'signature',
];

export interface LogOptions {
  /** The process: `api`, `worker`. */
  name: string;
  level: (typeof LOG_LEVELS)[number];
}

/** Pino's options, for servers that make their own logger. */
export function loggerOptions({ name, level }: LogOptions): LoggerOptions {
  return {
    name,
    level,
    redact: SECRETS.flatMap((key) => [
      key,
      key.startsWith('[') ? `*${key}` : `*.${key}`,
      key.startsWith('[') ? `*.*${key}` : `*.*.${key}`,
    ]),
    // `prisma` and the SDK hang whole requests on their errors: keep what explains, drop the rest.
    serializers: { err: describeError },
  };
}

export function createLogger(options: LogOptions): Logger {
  return pino(loggerOptions(options));
}

interface ErrorDescription {
  type: string;
  code?: string;
  message: string;
  stack?: string | undefined;
  cause?: ErrorDescription;
}

function describeError(error: unknown): ErrorDescription {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const { code } = error as { code?: string };
  return {
    type: error.name,
    ...(code === undefined ? {} : { code }),
    message: error.message,
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}
