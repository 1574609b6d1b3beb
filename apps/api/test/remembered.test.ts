import t from 'tap';
import type { Credential } from '../src/auth/read-credential.ts';
import { type Checked, createRemembered } from '../src/auth/remembered.ts';
import type { Principal } from '../src/principal.ts';

const FOR_EVER = 60_000;
const credential = (text: string, kind: Credential['kind'] = 'key'): Credential => ({
  ...{ kind, text },
  isAmbient: false,
});
const checkedAs = (id: string, expiresAt: Date | null = null): Checked => ({
  principal: { id } as Principal,
  isSuspended: false,
  expiresAt,
});

/** Answers by the name that is asked for, and counts. */
function startAsking(remembered = createRemembered({ forMs: FOR_EVER, most: 3 })) {
  const asked: string[] = [];
  const check = async (text: string, kind?: Credential['kind']) => {
    const { principal } = await remembered.check(credential(text, kind), async () => {
      asked.push(text);
      return checkedAs(text);
    });
    return principal.id;
  };
  return { remembered, asked, check };
}

t.test('asks once for each credential', async (t) => {
  const { asked, check } = startAsking();
  for (const text of ['a', 'a', 'b', 'a', 'b']) t.equal(await check(text), text);
  t.same(asked, ['a', 'b']);
  await check('a', 'session');
  t.same(asked, ['a', 'b', 'a'], 'the same text as another kind is another credential');
});

t.test('keeps the newest', async (t) => {
  const { asked, check } = startAsking();
  for (const text of ['a', 'b', 'c', 'd', 'd', 'c', 'b']) await check(text);
  t.same(asked, ['a', 'b', 'c', 'd']);
  await check('a');
  t.same(asked, ['a', 'b', 'c', 'd', 'a']);
});

t.test('does not remember a refusal', async (t) => {
  const remembered = createRemembered({ forMs: FOR_EVER, most: 3 });
  const refuse = () => remembered.check(credential('a'), async () => Promise.reject(new Error('no')));
  await t.rejects(refuse(), /no/);
  await t.rejects(refuse(), /no/);
  const { principal } = await remembered.check(credential('a'), async () => checkedAs('a'));
  t.equal(principal.id, 'a');
});

t.test('not beyond the credential itself, and not where nothing is to be believed', async (t) => {
  let asked = 0;
  const past = async () => {
    asked += 1;
    return checkedAs('a', new Date(Date.now() - 1));
  };
  const remembered = createRemembered({ forMs: FOR_EVER, most: 3 });
  for (let count = 0; count < 3; count += 1) await remembered.check(credential('a'), past);
  t.equal(asked, 3);
  const never = startAsking(createRemembered({ forMs: 0, most: 3 }));
  for (let count = 0; count < 3; count += 1) await never.check('a');
  t.equal(never.asked.length, 3);
});

t.test('forgets those who are meant', async (t) => {
  const { remembered, asked, check } = startAsking();
  for (const text of ['a', 'b']) await check(text);
  remembered.forget(({ id }) => id === 'a');
  for (const text of ['a', 'b']) await check(text);
  t.same(asked, ['a', 'b', 'a']);
});

t.test('forgets what was asked before, and is answered after', async (t) => {
  const { remembered, asked, check } = startAsking();
  let answer: (checked: Checked) => void = () => undefined;
  const before = remembered.check(
    credential('a'),
    () =>
      new Promise<Checked>((resolve) => {
        answer = resolve;
      }),
  );
  remembered.forget(({ id }) => id === 'somebody');
  answer(checkedAs('as it was'));
  t.equal((await before).principal.id, 'as it was');
  t.equal(await check('a'), 'a');
  t.same(asked, ['a'], 'the late answer is believed by nobody else');
});
