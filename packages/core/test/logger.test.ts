import { pino } from 'pino';
import t from 'tap';
import { AppError, createLogger, LOG_LEVELS, loggerOptions } from '../src/index.ts';

/** What the logger writes for one call. */
function write(...args: [object, string?]): { line: string; entry: Record<string, unknown> } {
  let line = '';
  const log = pino(loggerOptions({ name: 'test', level: 'info' }), { write: (text) => (line += text) });
  log.info(...args);
  return { line, entry: JSON.parse(line) };
}

const SECRET = 'hunter2';
const KEYS = ['authorization', 'cookie', 'set-cookie', 'x-api-key', 'password', 'secret', 'signature'];

for (const key of KEYS) {
  const DEPTHS: Record<string, object> = {
    'at the top': { [key]: SECRET },
    'in an object': { headers: { [key]: SECRET, host: 'kept' } },
    'in an object in an object': { req: { headers: { [key]: SECRET, host: 'kept' } } },
    'in a list': { headers: { [key]: [SECRET, SECRET] } },
  };
  for (const [where, entry] of Object.entries(DEPTHS)) {
    t.test(`${key} ${where} is taken out`, async (t) => {
      const { line } = write(entry, 'message');
      t.notMatch(line, SECRET);
      t.match(line, 'Redacted');
      if (JSON.stringify(entry).includes('kept')) t.match(line, 'kept');
    });
  }
}

t.test('what is bound to a child is taken out, too', async (t) => {
  let line = '';
  const log = pino(loggerOptions({ name: 'test', level: 'info' }), { write: (text) => (line += text) });
  log.child({ req: { headers: { authorization: SECRET } } }).info('hello');
  t.match(line, 'hello');
  t.notMatch(line, SECRET);
});

t.test('an error is told with its code and its causes, and nothing that hangs on it', async (t) => {
  const inner = Object.assign(new Error('connect failed'), {
    code: 'ECONNREFUSED',
    request: { body: SECRET },
  });
  const { line, entry } = write({ err: new AppError('OBJECT_STORE_UNAVAILABLE', { cause: inner }) });
  t.match(entry.err, {
    type: 'AppError',
    code: 'OBJECT_STORE_UNAVAILABLE',
    stack: /logger\.test/,
    cause: { type: 'Error', code: 'ECONNREFUSED', message: 'connect failed' },
  });
  t.notMatch(line, SECRET);
});

const THROWN: [unknown, object][] = [
  ['text', { type: 'string', message: 'text' }],
  [undefined, {}],
  [17, { type: 'number', message: '17' }],
  [new Error('x', { cause: 'text' }), { message: 'x', cause: { type: 'string', message: 'text' } }],
];
for (const [thrown, expected] of THROWN) {
  t.test(`even ${String(thrown)} can be logged as an error`, async (t) => {
    t.match(write({ err: thrown }).entry.err ?? {}, expected);
  });
}

t.test('the logger has a name and a level', async (t) => {
  t.match(write({ a: 1 }, 'hello').entry, { name: 'test', a: 1, msg: 'hello', level: 30 });
  for (const level of LOG_LEVELS) t.equal(createLogger({ name: 'api', level }).level, level);
});
