import { freePort } from '@tintype/local';
import t from 'tap';
import { emptyDatabase, run, SERVER } from './command.ts';

const isSentence = (text: string) => text.trim().split('\n').length === 1 && !/^\s+at /m.test(text);

t.test('help', async (t) => {
  const ways = [
    [],
    ['--help'],
    ['help'],
    ['keys', 'create', '--help'],
    ['admin', '--help'],
    ['plans', 'set', '--help'],
  ];
  const check = async (args: string[]) => {
    const { code, out, err } = await run(args);
    t.equal(code, 0, args.join(' '));
    t.match(
      out,
      /tintype migrate[\s\S]*tintype admin create-user[\s\S]*tintype plans set[\s\S]*tintype keys create[\s\S]*tintype keys revoke ID/,
    );
    t.equal(err, '');
  };
  await Promise.all(ways.map(check));
});

t.test('what can not be understood: 2, and one sentence', async (t) => {
  const env = { DATABASE_URL: SERVER };
  const table: [args: string[], sentence: RegExp][] = [
    [['fly'], /^There is no command "fly"\. See "tintype --help"\./],
    [['constructor'], /^There is no command "constructor"\./],
    [['keys'], /^Say "keys create"/],
    [['keys', 'burn'], /^Say "keys create"/],
    [['keys', 'toString'], /^Say "keys create"/],
    [['keys', 'revoke'], /^Name the key/],
    [['keys', 'create', '--colour', 'red'], /--colour/],
    [['keys', 'create', 'extra'], /extra/],
    [['keys', 'create', '--name'], /--name/],
    ...['0', '1.5', 'soon', '', '100000'].map((days): [string[], RegExp] => [
      ['keys', 'create', `--expires-in-days=${days}`],
      /^--expires-in-days must be/,
    ]),
  ];
  const check = async ([args, sentence]: (typeof table)[number]) => {
    const { code, out, err } = await run(args, env);
    t.equal(code, 2, args.join(' '));
    t.match(err, sentence);
    t.ok(isSentence(err), 'one sentence');
    t.equal(out, '');
  };
  await Promise.all(table.map(check));
});

t.test('what can not be done: 1, and one sentence', async (t) => {
  const empty = await emptyDatabase();
  const table: [args: string[], env: Record<string, string>, sentence: RegExp][] = [
    [['migrate'], {}, /^DATABASE_URL is not set/],
    [['keys', 'list'], {}, /^DATABASE_URL is not set/],
    [['migrate'], { DATABASE_URL: 'mysql://user:hunter2@host' }, /^DATABASE_URL must be/],
    [
      ['migrate'],
      { DATABASE_URL: `postgres://127.0.0.1:${await freePort()}/a` },
      /^DATABASE_URL names a server that/,
    ],
    [
      ['keys', 'list'],
      { DATABASE_URL: `postgres://127.0.0.1:${await freePort()}/a` },
      /^DATABASE_URL names a server that/,
    ],
    [['admin', 'list-users'], {}, /^DATABASE_URL is not set/],
    [['plans', 'list'], empty, /^The database is not up to date: run "tintype migrate" first\./],
    [['admin', 'list-users'], empty, /^The database is not up to date/],
    [['keys', 'list'], empty, /^The database is not up to date: run "tintype migrate" first\./],
    [['keys', 'list'], { DATABASE_URL: `${SERVER}_missing` }, /does not exist/],
    [['migrate'], { ...empty, QUEUE_URL: 'amqp://host' }, /^QUEUE_URL must be/],
  ];
  const check = async ([args, env, sentence]: (typeof table)[number]) => {
    const { code, err } = await run(args, env);
    t.equal(code, 1, `${args.join(' ')} ${JSON.stringify(env)}`);
    t.match(err, sentence);
    t.ok(isSentence(err), 'one sentence');
    t.notMatch(err, 'hunter2');
  };
  await Promise.all(table.map(check));
});
