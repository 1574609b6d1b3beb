import t from 'tap';
import { clientAddress, plainAddress } from '../src/client-address.ts';

const TABLE: [written: string | undefined, plain: string | undefined][] = [
  ['203.0.113.7', '203.0.113.7'],
  ['::1', '::1'],
  ['2001:DB8::1', '2001:db8::1'],
  ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['::FFFF:203.0.113.7', '203.0.113.7'],
  ['::ffff:cb00:7107', '203.0.113.7'],
  ['0:0:0:0:0:ffff:cb00:7107', '203.0.113.7'],
  ['::ffff:0:1', '0.0.0.1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['203.0.113.7:80', undefined],
  ['[::1]', undefined],
  ['1', undefined],
  ['nonsense', undefined],
  ['', undefined],
  [undefined, undefined],
];

for (const [written, plain] of TABLE)
  t.test(`${written}`, async (t) => t.equal(plainAddress(written), plain));

t.test('what is no address is replaced by the peer', async (t) => {
  const of = (ip: string, remoteAddress?: string) =>
    clientAddress({ ip, socket: { remoteAddress } } as Parameters<typeof clientAddress>[0]);
  t.equal(of('203.0.113.7', '127.0.0.1'), '203.0.113.7');
  t.equal(of('nonsense', '::ffff:127.0.0.1'), '127.0.0.1');
  t.equal(of('nonsense'), '0.0.0.0');
});
