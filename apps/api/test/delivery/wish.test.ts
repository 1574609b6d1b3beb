import t from 'tap';
import type { Source } from '../../src/delivery/source.ts';
import { rememberWish, wishOf } from '../../src/delivery/wish.ts';

const source: Source = { imageId: null, sourceKey: 'a/files/b', version: '1', derivatives: {} };

/** How often a wish is made while it is asked for. */
function timesMade(source: Source, addresses: Iterable<string>): number {
  let made = 0;
  for (const address of addresses)
    rememberWish(source, address, () => {
      made += 1;
      return wishOf(source, {});
    });
  return made;
}

t.test('a wish is made once for each source and address', async (t) => {
  t.equal(timesMade(source, ['/a', '/a', '/b', '/a']), 2);
  t.equal(timesMade({ ...source }, ['/a', '/a']), 1);
});

t.test('what is remembered takes no more memory than it may', async (t) => {
  const long = `/a?${'%77'.repeat(400)}`;
  t.equal(timesMade(source, [long, long]), 2, 'nothing that is long');
  t.equal(timesMade(source, ['/first', '/first']), 1);
  const sources = Array.from({ length: 20 }, () => ({ ...source }));
  const many = Array.from({ length: 1000 }, (_, nth) => `/${nth}`);
  for (const one of sources) timesMade(one, many);
  t.equal(timesMade(source, ['/first']), 1, 'nor more than so many of all sources');
});
