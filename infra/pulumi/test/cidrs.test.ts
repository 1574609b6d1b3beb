// The VPC's addresses: where subnets lie, and that no two share an address.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KINDS, subnetCidrs } from '../src/cidrs.ts';

test('a further zone moves no subnet', () => {
  for (const kind of KINDS)
    assert.deepEqual(subnetCidrs('10.42.0.0/16', kind, 3).slice(0, 2), subnetCidrs('10.42.0.0/16', kind, 2));
});

test('subnets lie where they are expected', () => {
  const table = [
    ['10.42.0.0/16', 'public', ['10.42.0.0/20', '10.42.16.0/20', '10.42.32.0/20']],
    ['10.42.0.0/16', 'private', ['10.42.64.0/20', '10.42.80.0/20', '10.42.96.0/20']],
    ['172.31.240.0/20', 'isolated', ['172.31.248.0/24', '172.31.249.0/24', '172.31.250.0/24']],
    ['192.168.128.0/17', 'isolated', ['192.168.192.0/21', '192.168.200.0/21', '192.168.208.0/21']],
  ] as const;
  for (const [cidr, kind, expected] of table) assert.deepEqual(subnetCidrs(cidr, kind, 3), expected);
});

test('no two subnets share an address, whatever the size of the VPC', () => {
  for (const prefix of [16, 17, 18, 19, 20]) {
    const ranges = KINDS.flatMap((kind) => subnetCidrs(`10.0.0.0/${prefix}`, kind, 3)).map(rangeOf);
    const sorted = ranges.toSorted((one, other) => one.first - other.first);
    for (const [index, { first }] of sorted.entries())
      assert.ok(first > (sorted[index - 1]?.last ?? -1), `/${prefix}: subnet ${index}`);
    assert.ok(
      (sorted.at(-1)?.last ?? Number.POSITIVE_INFINITY) < 10 * 2 ** 24 + 2 ** (32 - prefix),
      `/${prefix}: inside`,
    );
  }
});

test('what is no network is refused', () => {
  for (const cidr of [
    '10.42.1.0/16',
    '10.42.8.0/20',
    '10.42.0.0/15',
    '10.42.0.0/21',
    '10.42.0/16',
    '10.256.0.0/16',
    '',
  ])
    assert.throws(() => subnetCidrs(cidr, 'public', 2), RangeError, cidr);
  assert.throws(() => subnetCidrs('10.42.0.0/16', 'public', 5), RangeError);
});

function rangeOf(cidr: string): { first: number; last: number } {
  const [address = '', prefix = ''] = cidr.split('/');
  const first = address.split('.').reduce((sum, byte) => sum * 256 + Number(byte), 0);
  return { first, last: first + 2 ** (32 - Number(prefix)) - 1 };
}
