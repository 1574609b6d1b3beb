import t from 'tap';
import { AppError, ERROR_CODES, ERRORS } from '../src/index.ts';

for (const code of ERROR_CODES) {
  t.test(code, async (t) => {
    const { status, retryable, message } = ERRORS[code];
    t.match(code, /^[A-Z]+(_[A-Z]+)*$/);
    t.match(message, /^[A-Z].*[.…"]$/, 'a sentence');
    t.ok(Number.isInteger(status) && status >= 400 && status <= 599);
    if (status === 503) t.ok(retryable, '503 says: try again');
    t.match(new AppError(code), { name: 'AppError', code, status, retryable, message });
  });
}

t.test('a message of its own, problems, a time and a cause', async (t) => {
  const cause = new Error('/var/secret');
  const problems = [{ pointer: '/title', message: 'is too long' }];
  const error = new AppError('INVALID_REQUEST', { message: 'No.', problems, retryAfterSeconds: 7, cause });
  t.match(error, { message: 'No.', problems, retryAfterSeconds: 7, status: 400 });
  t.equal(error.cause, cause);
  t.ok(error instanceof Error);
  t.notMatch(JSON.stringify({ ...error, cause: undefined }), 'secret');
});

const RETRY: [ConstructorParameters<typeof AppError>, number | undefined][] = [
  [['OVERLOADED'], 2],
  [['OVERLOADED', { retryAfterSeconds: 30 }], 30],
  [['DATABASE_UNAVAILABLE'], 2],
  [['INVALID_REQUEST'], undefined],
  [['METADATA_NOT_READY', { retryAfterSeconds: 1 }], 1],
];

for (const [args, seconds] of RETRY) {
  t.test(`when to come back after ${JSON.stringify(args)}`, async (t) => {
    t.equal(new AppError(...args).retryAfterSeconds, seconds);
  });
}
