// New inputs from old ones: flipped bits, odd numbers, parts moved, doubled and cut, pieces of other inputs. The same seed gives the same.

export type Random = (below: number) => number;

/** mulberry32: small, fast, good enough to wander with. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

/** Numbers at which code changes its mind. */
const ODD_NUMBERS = [
  0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 255, 256, 1000, 1024, 4096, 32767, 32768, 65535,
  65536,
];
const ODD_LARGE = [0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 0x10000000, 0x00ffffff];

export const MAX_INPUT_BYTES = 64 * 1024;

type Mutation = (bytes: Buffer, random: Random, others: readonly Buffer[]) => Buffer;

const place = (bytes: Buffer, random: Random, room = 1) => random(Math.max(1, bytes.length - room + 1));

const MUTATIONS: readonly Mutation[] = [
  function flipBit(bytes, random) {
    const at = place(bytes, random);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
    return bytes;
  },
  function setByte(bytes, random) {
    bytes[place(bytes, random)] = random(256);
    return bytes;
  },
  function setOdd16(bytes, random) {
    if (bytes.length < 2) return bytes;
    const value = (ODD_NUMBERS[random(ODD_NUMBERS.length)] ?? 0) & 0xffff;
    const at = place(bytes, random, 2);
    if (random(2) === 0) bytes.writeUInt16LE(value, at);
    else bytes.writeUInt16BE(value, at);
    return bytes;
  },
  function setOdd32(bytes, random) {
    if (bytes.length < 4) return bytes;
    const numbers = random(2) === 0 ? ODD_NUMBERS : ODD_LARGE;
    const value = numbers[random(numbers.length)] ?? 0;
    const at = place(bytes, random, 4);
    if (random(2) === 0) bytes.writeUInt32LE(value, at);
    else bytes.writeUInt32BE(value, at);
    return bytes;
  },
  function nudgeByte(bytes, random) {
    const at = place(bytes, random);
    bytes[at] = ((bytes[at] ?? 0) + random(33) - 16) & 0xff;
    return bytes;
  },
  function cut(bytes, random) {
    return bytes.subarray(0, 1 + random(bytes.length));
  },
  function remove(bytes, random) {
    const at = place(bytes, random);
    const count = 1 + random(Math.min(64, bytes.length - at));
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + count)]);
  },
  function double(bytes, random) {
    const at = place(bytes, random);
    const count = 1 + random(Math.min(256, bytes.length - at));
    const part = bytes.subarray(at, at + count);
    return Buffer.concat([bytes.subarray(0, at + count), part, bytes.subarray(at + count)]);
  },
  function insert(bytes, random) {
    const at = place(bytes, random);
    const added = Buffer.alloc(1 + random(16), random(256));
    return Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at)]);
  },
  function copyWithin(bytes, random) {
    const [from, to] = [place(bytes, random), place(bytes, random)];
    bytes.copyWithin(to, from, from + 1 + random(64));
    return bytes;
  },
  function splice(bytes, random, others) {
    const other = others[random(others.length)];
    if (other === undefined || other.length < 2) return bytes;
    const from = random(other.length - 1);
    const part = other.subarray(from, from + 1 + random(512));
    const at = place(bytes, random);
    return Buffer.concat([
      bytes.subarray(0, at),
      part,
      bytes.subarray(at + (random(2) === 0 ? part.length : 0)),
    ]);
  },
];

export function mutate(input: Buffer, random: Random, others: readonly Buffer[]): Buffer {
  let bytes: Buffer = Buffer.from(input);
  const steps = 1 << random(5);
  for (let step = 0; step < steps && bytes.length > 0; step += 1) {
    bytes = MUTATIONS[random(MUTATIONS.length)]?.(bytes, random, others) ?? bytes;
  }
  return bytes.length === 0 ? Buffer.from([random(256)]) : bytes.subarray(0, MAX_INPUT_BYTES);
}
