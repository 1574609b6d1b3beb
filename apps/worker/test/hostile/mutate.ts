// Seeds made wrong, by chance that repeats itself: the same number gives the same file.

type Random = (below: number) => number;

/** mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/** Numbers at which code changes its mind. */
const ODD = [
  0, 1, 2, 7, 8, 127, 128, 255, 256, 4096, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000,
  0xffffffff,
];

type Mutation = (bytes: Buffer, at: number, random: Random, other: Buffer) => Buffer;

const without = (bytes: Buffer, at: number, count: number) =>
  Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + count)]);
const withMore = (bytes: Buffer, at: number, more: Uint8Array) =>
  Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);

function overwrite(bytes: Buffer, at: number, value: number, width: number): Buffer {
  for (let index = 0; index < width; index += 1)
    bytes[at + index] = Math.floor(value / 256 ** (width - 1 - index));
  return bytes;
}

const MUTATIONS: readonly Mutation[] = [
  (bytes, at, random) => overwrite(bytes, at, (bytes[at] ?? 0) ^ (1 << random(8)), 1),
  (bytes, at, random) => overwrite(bytes, at, random(256), 1),
  (bytes, at, random) => overwrite(bytes, at, ODD[random(ODD.length)] ?? 0, 2),
  (bytes, at, random) => overwrite(bytes, at, ODD[random(ODD.length)] ?? 0, 4),
  (bytes, at, random) => bytes.fill(random(2) * 255, at, Math.min(bytes.length, at + random(64))),
  (bytes, at) => bytes.subarray(0, at + 1),
  (bytes, at, random) => without(bytes, at, 1 + random(64)),
  (bytes, at, random) => withMore(bytes, at, Buffer.alloc(1 + random(32), random(256))),
  (bytes, at, random) => withMore(bytes, at, bytes.subarray(at, at + 1 + random(256))),
  (bytes, at, random, other) =>
    withMore(bytes, at, other.subarray(random(other.length)).subarray(0, random(512))),
];

/** One to eight changes at once, somewhere; half of the time near the beginning, where headers are. */
export function mutate(original: Buffer, random: Random, other: Buffer): Buffer {
  let bytes = Buffer.from(original);
  for (let left = 1 << random(4); left > 0 && bytes.length > 0; left -= 1) {
    const at = random(random(2) === 0 ? bytes.length : Math.min(bytes.length, 200));
    bytes = Buffer.from(MUTATIONS[random(MUTATIONS.length)]?.(bytes, at, random, other) ?? bytes);
  }
  return bytes;
}
