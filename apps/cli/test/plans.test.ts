import { NO_LIMITS } from '@tintype/prisma';
import t from 'tap';
import { plans } from '../src/commands/plans.ts';
import { newService, refusal, run } from './command.ts';

const { env, db } = await newService();

t.test('plans list', async (t) => {
  const { out } = await run(['plans', 'list'], env);
  t.match(
    out,
    /^free {10}10 requests\/s, 10000 requests\/day, 1000000000 bytes stored, 20000000 bytes a file, 20 jobs at once {2}To try it\.\n/,
  );
  t.match(out, /^unlimited {5}no limits {2}As much/m);
});

t.test('plans set: makes one, and changes what is named alone', async (t) => {
  const made = await run(
    ['plans', 'set', 'gold', '--requests-per-second', '7', '--description', 'Much.'],
    env,
  );
  t.same(made, { code: 0, out: 'gold          7 requests/s  Much.\n', err: '' });
  t.match(await db.plans.get('gold'), { ...NO_LIMITS, requestsPerSecond: 7, description: 'Much.' });
  await run(['plans', 'set', 'gold', '--stored-bytes', '9007199254740991', '--concurrent-jobs=0'], env);
  const limits = { requestsPerSecond: 7, storedBytes: Number.MAX_SAFE_INTEGER, concurrentJobs: 0 };
  t.match(await db.plans.get('gold'), { ...NO_LIMITS, ...limits, description: 'Much.' });
  await run(
    ['plans', 'set', 'gold', '--requests-per-second', 'none', '--requests-per-day=1', '--upload-bytes=2'],
    env,
  );
  t.match(await db.plans.get('gold'), {
    ...{ requestsPerSecond: null, requestsPerDay: 1, uploadBytes: 2 },
    ...{ storedBytes: Number.MAX_SAFE_INTEGER, concurrentJobs: 0 },
  });
});

t.test('plans remove', async (t) => {
  t.same(await run(['plans', 'remove', 'gold'], env), { code: 0, out: 'removed gold\n', err: '' });
  t.match(await run(['plans', 'remove', 'gold'], env), { code: 1, err: /^There is no plan "gold"\./ });
  await db.users.create({ email: 'a@example.com', name: null, passwordHash: 'x', planName: 'pro' });
  for (const name of ['pro', 'unlimited'])
    t.match(
      await run(['plans', 'remove', name], env),
      { code: 1, err: /Move them to another first\./ },
      name,
    );
});

t.test('plans remove: not the one of those who register', async (t) => {
  const refused = {
    code: 1,
    err: /^Those who register are put on the plan "\w+"\. Set DEFAULT_PLAN to another first\./,
  };
  t.match(await run(['plans', 'remove', 'free'], env), refused);
  await run(['plans', 'set', 'bronze'], env);
  const other = { ...env, DEFAULT_PLAN: 'bronze' };
  t.match(await run(['plans', 'remove', 'bronze'], other), refused);
  t.same(await run(['plans', 'remove', 'free'], other), { code: 0, out: 'removed free\n', err: '' });
});

t.test('what can not be understood', async (t) => {
  const table: [args: string[], sentence: RegExp][] = [
    [[], /^Say "plans list", "plans set" or "plans remove"\./],
    [['set'], /^Name one plan\./],
    [['set', 'a', 'b'], /^Name one plan\./],
    [['remove'], /^Name one plan\./],
    [['set', 'Gold'], /^"Gold" is no name of a plan/],
    [['set', 'gold', '--requests-per-second', '0'], /^--requests-per-second must be a whole number from 1/],
    [['set', 'gold', '--requests-per-second', '2147483648'], /^--requests-per-second must be/],
    [['set', 'gold', '--upload-bytes', '1.5'], /^--upload-bytes must be/],
    [['set', 'gold', '--upload-bytes='], /^--upload-bytes must be/],
    [['set', 'gold', '--colour', 'red'], /--colour/],
    [['list', 'all'], /all/],
  ];
  for (const [args, err] of table) t.match(await refusal(plans, args), { code: 2, err }, args.join(' '));
});
