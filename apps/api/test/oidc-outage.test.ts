import t from 'tap';
import { eventually } from './eventually.ts';
import { makeKey, startIssuer } from './issuer.ts';
import { AWAY, openVerifier, REFUSED } from './oidc-verifier.ts';

/** Far above every bound of ours, far below the time for which a client would wait in vain. */
const NEVER_MS = 25_000;
const DISCOVERY = '/.well-known/openid-configuration';

t.test('a provider that is away at first', async (t) => {
  const issuer = await startIssuer();
  const [good, expired] = [await issuer.sign(), await issuer.sign({ exp: 1 })];
  issuer.leave();
  const { tell, pass, warnings } = openVerifier(issuer);
  t.equal(await tell(good), `${AWAY} 10`);
  t.equal(warnings.length, 1, 'the log says why');
  pass(4);
  t.equal(await tell(good), `${AWAY} 6`, 'it is not asked again at once');
  t.equal(await tell(expired), REFUSED, 'what needs no provider is refused all the same');
  t.equal(await tell('nonsense'), REFUSED);
  t.equal(await tell(await issuer.sign({ aud: 'other' })), REFUSED);
  pass(6);
  t.equal(await tell(good), `${AWAY} 10`, 'but again later');
  t.equal(warnings.length, 2);
  issuer.back();
  t.equal(await tell(good), `${AWAY} 10`);
  pass(10);
  t.equal(await tell(good), 'somebody', 'it comes back by itself');
});

t.test('a provider that goes away later', async (t) => {
  const issuer = await startIssuer();
  const good = await issuer.sign();
  const { tell, pass, warnings } = openVerifier(issuer);
  t.equal(await tell(good), 'somebody');
  issuer.leave();
  pass(60);
  t.equal(await tell(good), 'somebody', 'its keys are known');
  t.equal(
    await tell(await issuer.sign({}, { key: await makeKey() })),
    `${AWAY} 10`,
    'of another nobody knows',
  );
  const isWarned = (count: number) =>
    eventually(
      () => warnings.length,
      (length) => length === count,
    );
  t.equal(await isWarned(1), 1);
  pass(600);
  t.equal(await tell(good), 'somebody', 'they are asked for anew, and used on');
  t.equal(await isWarned(2), 2);
  pass(86_400 - 661);
  t.equal(await tell(good), 'somebody', 'for a day');
  t.equal(await isWarned(3), 3);
  pass(1);
  t.equal(await tell(good), `${AWAY} 9`, 'and no longer');
  issuer.back();
  pass(9);
  t.equal(await tell(good), 'somebody');
  t.equal(
    await tell(await issuer.sign({}, { key: await makeKey() })),
    REFUSED,
    'of another it knows nothing',
  );
});

t.test('keys that change', async (t) => {
  const issuer = await startIssuer();
  const old = await issuer.sign();
  const { tell, pass } = openVerifier(issuer);
  t.equal(await tell(old), 'somebody');
  await issuer.rotate();
  const young = await issuer.sign();
  const strange = await issuer.sign({}, { key: await makeKey() });
  t.equal(await tell(young), REFUSED, 'asked a moment ago');
  t.equal(await tell(old), 'somebody');
  t.same(issuer.asked, { [DISCOVERY]: 1, '/keys': 1 });
  pass(10);
  t.same(await Promise.all([young, young, strange, young].map(tell)), [
    'somebody',
    'somebody',
    REFUSED,
    'somebody',
  ]);
  t.same(issuer.asked, { [DISCOVERY]: 2, '/keys': 2 }, 'one question for all');
  t.equal(await tell(old), REFUSED, 'the old one is gone');

  for (let count = 0; count < 100; count += 1) {
    const key = { ...issuer.key, kid: crypto.randomUUID() };
    t.equal(await tell(await issuer.sign({}, { key })), REFUSED);
  }
  t.equal(issuer.asked['/keys'], 2, 'whatever tokens name');
  await issuer.rotate('ES256');
  pass(600);
  t.equal(await tell(young), 'somebody', 'keys are used while they are asked for anew');
  t.equal(
    await eventually(
      () => issuer.asked['/keys'],
      (count) => count === 3,
    ),
    3,
  );
  t.equal(
    await eventually(
      () => tell(young),
      (said) => said === REFUSED,
    ),
    REFUSED,
    'a key taken back works no more',
  );
  t.equal(await tell(await issuer.sign()), 'somebody');
});

t.test('a provider that is silent', async (t) => {
  const issuer = await startIssuer();
  const good = await issuer.sign();
  issuer.silence();
  const { tell, pass } = openVerifier(issuer, { env: { OIDC_TIMEOUT_MS: '200' } });
  const began = performance.now();
  const said = await Promise.all(Array.from({ length: 50 }, () => tell(good)));
  t.same(new Set(said), new Set([`${AWAY} 10`]));
  t.ok(performance.now() - began < NEVER_MS, 'never a hang');
  t.same(issuer.asked, { [DISCOVERY]: 1 }, 'one question for all');
  issuer.back();
  const later = () => {
    pass(10);
    return tell(good);
  };
  t.equal(await eventually(later, (one) => one === 'somebody'), 'somebody');
  issuer.silence();
  pass(600);
  t.equal(await tell(good), 'somebody', 'nobody waits for what he does not need');
});

t.test('no rest between questions', async (t) => {
  const issuer = await startIssuer();
  const { tell } = openVerifier(issuer, { env: { OIDC_COOLDOWN_SECONDS: '0' } });
  const strange = await issuer.sign({}, { key: await makeKey() });
  t.equal(await tell(strange), REFUSED);
  t.equal(issuer.asked['/keys'], 2, 'at once, and for the unknown key');
  const said = await Promise.all(Array.from({ length: 20 }, () => tell(strange)));
  t.same(new Set(said), new Set([REFUSED]));
  t.equal(issuer.asked['/keys'], 3, 'never two at the same time');
  await issuer.rotate();
  t.equal(await tell(await issuer.sign()), 'somebody');
});

t.test('an end while a question is under way', async (t) => {
  const issuer = await startIssuer();
  const good = await issuer.sign();
  issuer.silence();
  const { tell, close, warnings } = openVerifier(issuer);
  const said = tell(good);
  await eventually(
    () => issuer.asked[DISCOVERY],
    (count) => count === 1,
  );
  close();
  t.equal(await said, `${AWAY} 10`);
  t.same(warnings, [], 'is nothing to speak of');
});
