import type { AppError } from '@tintype/core';
import t from 'tap';
import { readConfig } from '../../src/config.ts';
import { resolveDerivatives } from '../../src/delivery/presets.ts';

const ENV = {
  DATABASE_URL: 'postgres://a/b',
  QUEUE_URL: 'postgres://a/b',
  OBJECT_STORE_URL: 'file:///tmp/x',
};

t.test('the presets of the service', async (t) => {
  t.match(readConfig(ENV).presets, { thumb: { width: 320 }, web: { format: 'webp' } });
  t.same(readConfig({ ...ENV, PRESETS: '{"a-1":{"width":9}}' }).presets, { 'a-1': { width: 9 } });
  t.same(readConfig({ ...ENV, PRESETS: '{}' }).presets, {});
  const wrong = [
    'thumb',
    '[]',
    '{"Thumb":{}}',
    '{"a":{"width":0}}',
    '{"a":{"size":1}}',
    '{"a":true}',
    'null',
  ];
  for (const PRESETS of wrong)
    t.throws(
      () => readConfig({ ...ENV, PRESETS }),
      { name: 'ConfigError', message: /^PRESETS must (be|have)/ },
      PRESETS,
    );
  t.equal(readConfig({ ...ENV, PUBLIC_URL: 'https://a.example/b//' }).publicUrl, 'https://a.example/b');
});

const rules = { presets: { thumb: { width: 320 } }, mostDerivatives: 2 };

t.test('what an upload wants', async (t) => {
  t.equal(resolveDerivatives(null, rules), undefined);
  t.equal(resolveDerivatives({}, rules), undefined);
  t.same(resolveDerivatives({ thumb: true }, rules), { thumb: { width: 320 } });
  t.same(resolveDerivatives({ thumb: { width: 5 }, mine: {} }, rules), { thumb: { width: 5 }, mine: {} });
  const refused = (wanted: Parameters<typeof resolveDerivatives>[0]) => {
    try {
      return resolveDerivatives(wanted, rules);
    } catch (error) {
      return (error as AppError).problems;
    }
  };
  t.same(refused({ huge: true }), [
    { pointer: '/derivatives/huge', message: 'is no preset; those are thumb' },
  ]);
  t.match(refused(JSON.parse('{"constructor":true}')), [{ pointer: '/derivatives/constructor' }]);
  t.same(refused({ a: {}, b: {}, c: {} }), [{ pointer: '/derivatives', message: 'must be at most 2' }]);
});
