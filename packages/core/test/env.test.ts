import t from 'tap';
import {
  ConfigError,
  choice,
  connectionSettings,
  describeSettings,
  integer,
  list,
  networks,
  readEnvironment,
  type Setting,
  text,
  url,
} from '../src/index.ts';

const about = 'What it is.';
const port = integer('PORT', { about, min: 1, max: 65_535, fallback: 3000 });
const level = choice('LEVEL', { about, of: ['info', 'warn'], fallback: 'info' });
const hosts = list('HOSTS', { about });
const nets = networks('NETS', { about });
const name = text('NAME', { about, fallback: 'tintype' });
const store = url('STORE', { about, protocols: ['s3:', 'file:'] });

type Case = [Setting<unknown>, string | undefined, unknown];

const GOOD: Case[] = [
  [port, undefined, 3000],
  [port, '', 3000],
  [port, '  ', 3000],
  [port, ' 80 ', 80],
  [port, '1', 1],
  [port, '65535', 65_535],
  [port, '0080', 80],
  [level, 'warn', 'warn'],
  [level, undefined, 'info'],
  [hosts, undefined, []],
  [hosts, 'a', ['a']],
  [hosts, ' a , b,, c ', ['a', 'b', 'c']],
  [nets, undefined, []],
  [nets, '10.0.0.0/8, ::1 ,fd00::/8', ['10.0.0.0/8', '::1', 'fd00::/8']],
  [name, 'x y', 'x y'],
  [name, undefined, 'tintype'],
  [store, 's3://bucket/prefix?region=x', 's3://bucket/prefix?region=x'],
  [store, 'file:///var/lib/tintype', 'file:///var/lib/tintype'],
];

for (const [setting, value, expected] of GOOD) {
  t.test(`${setting.name}=${value}`, async (t) => {
    t.same(readEnvironment({ setting }, { [setting.name]: value }), { setting: expected });
  });
}

const BAD: [Setting<unknown>, string | undefined, string][] = [
  ...['0', '65536', '-1', '1.5', '1e3', '0x10', 'eighty', '80 81', '٣', '9'.repeat(400)].map(
    (value): [Setting<unknown>, string, string] => [
      port,
      value,
      `PORT must be a whole number from 1 to 65535, not "${value}".`,
    ],
  ),
  [level, 'INFO', 'LEVEL must be one of info, warn, not "INFO".'],
  [level, 'debug', 'LEVEL must be one of info, warn, not "debug".'],
  ...['10.0.0.0/33', '10.0.0/8', '::1/129', '10.0.0.0/8/8', '10.0.0.0/', 'localhost', '10.0.0.0/x'].map(
    (value): [Setting<unknown>, string, string] => [
      nets,
      value,
      `NETS must list addresses or networks, and "${value}" is neither.`,
    ],
  ),
  [store, undefined, 'STORE is not set: What it is.'],
  [store, '', 'STORE is not set: What it is.'],
  [store, 'bucket', 'STORE must be an URL that begins with s3:// or file://.'],
  [store, 'https://bucket', 'STORE must be an URL that begins with s3:// or file://.'],
  [store, 's3://[', 'STORE must be an URL that begins with s3:// or file://.'],
];

for (const [setting, value, message] of BAD) {
  t.test(`${setting.name}=${value?.slice(0, 20)} is refused`, async (t) => {
    const read = () => readEnvironment({ setting }, { [setting.name]: value });
    t.throws(read, { name: 'ConfigError', message });
    t.throws(read, ConfigError);
  });
}

t.test('secrets in addresses are not repeated', async (t) => {
  const good = { DATABASE_URL: 'postgres://u@h/d', QUEUE_URL: 'redis://h', OBJECT_STORE_URL: 'file:///x' };
  t.match(readEnvironment(connectionSettings, good), { databaseUrl: good.DATABASE_URL, logLevel: 'info' });
  for (const wrong of ['mysql://me:hunter2@db/x', 'postgres//me:hunter2@db', 'hunter2', 'http://hunter2@[']) {
    for (const variable of Object.keys(good)) {
      const error = readError({ ...good, [variable]: wrong });
      t.match(error.message, new RegExp(`^${variable} must be an URL`));
      t.notMatch(`${error.message} ${error.stack}`, 'hunter2');
    }
  }
});

function readError(env: NodeJS.ProcessEnv): Error {
  try {
    readEnvironment(connectionSettings, env);
  } catch (error) {
    return error as Error;
  }
  throw new Error('It was read.');
}

t.test('what was read is frozen', async (t) => {
  t.ok(Object.isFrozen(readEnvironment({ port }, {})));
});

t.test('the first wrong variable is named', async (t) => {
  t.throws(() => readEnvironment({ port, level }, { PORT: 'x', LEVEL: 'x' }), { message: /^PORT / });
});

t.test('describeSettings: a variable without a default stands open, the others commented out', async (t) => {
  t.equal(
    describeSettings({ port, store, hosts }),
    '# What it is.\n#PORT=3000\n\n# What it is.\nSTORE=\n\n# What it is.\n#HOSTS=\n',
  );
});

t.test('every shared setting has a sentence, and a default that it accepts itself', async (t) => {
  for (const setting of Object.values(connectionSettings)) {
    t.match(setting.about, /\.$|tintype$/, setting.name);
    if (setting.fallback !== undefined) t.doesNotThrow(() => setting.parse(String(setting.fallback)));
  }
});
