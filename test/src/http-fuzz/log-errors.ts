// What a process logged as an error (pino's JSON lines): which request, what it said, and what was behind it.

interface Entry {
  level?: number;
  msg?: string;
  requestId?: string;
  err?: LoggedError;
}

interface LoggedError {
  stack?: string;
  cause?: LoggedError;
}

const ERROR = 50;
const LINES_OF_STACK = 4;

export function errorsIn(log: string): string[] {
  return log
    .split('\n')
    .map(read)
    .filter(({ level = 0 }) => level >= ERROR)
    .map(({ msg = '', requestId = '', err }) => `${msg} ${requestId} ${innermost(err)}`.trim());
}

function read(line: string): Entry {
  try {
    return line.startsWith('{') ? (JSON.parse(line) as Entry) : {};
  } catch {
    return {};
  }
}

function innermost(error: LoggedError | undefined): string {
  if (error?.cause !== undefined) return innermost(error.cause);
  const lines = (error?.stack ?? '').split('\n').filter((line) => line.trim() !== '');
  return lines.slice(0, LINES_OF_STACK).join('\n   ');
}
