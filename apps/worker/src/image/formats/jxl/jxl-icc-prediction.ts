// From commands and differences back to an ICC profile (ISO/IEC 18181-1, Annex E).

const HEADER_BYTES = 128;
/** Of the commands for the tag table, from 2 on. */
const TAGS = [
  ...['rTRC', 'rXYZ', 'cprt', 'wtpt', 'bkpt', 'rXYZ', 'gXYZ', 'bXYZ', 'kXYZ', 'rTRC', 'gTRC', 'bTRC', 'kTRC'],
  ...['chad', 'desc', 'chrm', 'dmnd', 'dmdd', 'lumi'],
];
/** Of the commands for the content, from 16 on. */
const TYPES = ['XYZ ', 'desc', 'text', 'mluc', 'para', 'curv', 'sf32', 'gbd '];
const SIZES: Readonly<Record<string, number>> = {
  rXYZ: 20,
  gXYZ: 20,
  bXYZ: 20,
  kXYZ: 20,
  wtpt: 20,
  bkpt: 20,
  lumi: 20,
};

/** Bytes that are taken one after the other. */
interface Stream {
  readonly isOver: boolean;
  byte: () => number;
  number: () => number;
  take: (count: number) => Uint8Array;
}

function streamOf(bytes: Uint8Array): Stream {
  let at = 0;
  const take = (count: number) => {
    if (at + count > bytes.length) throw new Error('the coded profile ends too early');
    at += count;
    return bytes.subarray(at - count, at);
  };
  const byte = () => take(1)[0] ?? 0;
  const number = () => {
    let value = 0;
    for (let shift = 0; shift < 63; shift += 7) {
      const next = byte();
      value += (next % 128) * 2 ** shift;
      if (next < 128) break;
    }
    return value;
  };
  return {
    get isOver() {
      return at === bytes.length;
    },
    byte,
    number,
    take,
  };
}

/** The profile as far as it is written; longer than it says it is, it is not. */
interface Profile {
  bytes: Uint8Array;
  length: number;
}

function append(profile: Profile, bytes: ArrayLike<number>): void {
  if (profile.length + bytes.length > profile.bytes.length) throw new Error('a profile longer than it says');
  profile.bytes.set(bytes, profile.length);
  profile.length += bytes.length;
}

const ascii = (text: string) => Buffer.from(text, 'latin1');
const bigEndian = (value: number) => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256);

/** @throws Error where the commands make no sense */
export function undoPrediction(coded: Uint8Array, maxBytes: number): Uint8Array {
  const whole = streamOf(coded);
  const length = whole.number();
  const commandBytes = whole.number();
  if (length > maxBytes) throw new Error('a profile of too many bytes');
  const commands = streamOf(whole.take(commandBytes));
  const profile: Profile = { bytes: new Uint8Array(length), length: 0 };
  const header = whole.take(Math.min(HEADER_BYTES, length));
  append(profile, withPrediction(header, length));
  if (length > HEADER_BYTES) {
    writeTagTable(profile, commands, whole);
    while (!commands.isOver) writeContent(profile, commands.byte(), commands, whole);
  }
  if (profile.length !== length) throw new Error('a profile shorter than it says');
  return profile.bytes;
}

function withPrediction(header: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(header.length);
  const expected = new Uint8Array(HEADER_BYTES);
  expected.set(bigEndian(length));
  expected[8] = 4;
  expected.set(ascii('mntrRGB XYZ '), 12);
  expected.set(ascii('acsp'), 36);
  // The illuminant of the connection space, D50.
  expected.set([0, 0, 246, 214, 0, 1, 0, 0, 0, 0, 211, 45], 68);
  header.forEach((byte, index) => {
    if (index === 41) expected.set(restOfPlatform(header), 41);
    if (index === 80) expected.set(out.subarray(4, 8), 80);
    out[index] = byte + (expected[index] ?? 0);
  });
  return out;
}

/** What follows upon the first letter, or two, of APPL, MSFT, SGI and SUNW. */
function restOfPlatform(header: Uint8Array): Uint8Array {
  const [first = 0, second = 0] = header.subarray(40, 42);
  if (first === 0x41) return ascii('PPL');
  if (first === 0x4d) return ascii('SFT');
  if (first !== 0x53) return ascii('\0\0\0');
  if (second === 0x47) return ascii('\0I ');
  return ascii(second === 0x55 ? '\0NW' : '\0\0\0');
}

function writeTagTable(profile: Profile, commands: Stream, data: Stream): void {
  const count = commands.number() - 1;
  if (count < 0) return;
  append(profile, bigEndian(count));
  let start = HEADER_BYTES + 12 * count;
  let size = 0;
  while (!commands.isOver) {
    const command = commands.byte();
    const code = command % 64;
    if (code === 0) return;
    const tag = code === 1 ? Buffer.from(data.take(4)).toString('latin1') : TAGS[code - 2];
    if (tag === undefined) throw new Error('a command that is not defined');
    start = command & 64 ? commands.number() : start + size;
    size = command & 128 ? commands.number() : (SIZES[tag] ?? size);
    for (const [name, offset] of withCompanions(code, tag, start, size)) {
      append(profile, [...ascii(name), ...bigEndian(offset), ...bigEndian(size)]);
    }
  }
}

/** Two of the commands stand for all three colours: the curves are one and the same, the primaries follow each other. */
function withCompanions(code: number, tag: string, start: number, size: number): [string, number][] {
  if (code === 2)
    return [
      [tag, start],
      ['gTRC', start],
      ['bTRC', start],
    ];
  if (code === 3)
    return [
      [tag, start],
      ['gXYZ', start + size],
      ['bXYZ', start + 2 * size],
    ];
  return [[tag, start]];
}

function writeContent(profile: Profile, command: number, commands: Stream, data: Stream): void {
  const type = TYPES[command - 16];
  if (type !== undefined) append(profile, ascii(`${type}\0\0\0\0`));
  else if (command === 10) append(profile, [...ascii('XYZ \0\0\0\0'), ...data.take(12)]);
  else if (command === 1) append(profile, data.take(commands.number()));
  else if (command === 2 || command === 3)
    append(profile, interleaved(data.take(commands.number()), 2 * command - 2));
  else if (command === 4) writeNumbers(profile, commands, data);
  else throw new Error('a command that is not defined');
}

/** First bytes of all numbers, then second bytes, …: back to number after number. */
function interleaved(bytes: Uint8Array, width: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  let from = 0;
  for (let lane = 0; lane < width; lane += 1) {
    for (let to = lane; to < bytes.length; to += width) {
      out[to] = bytes[from] ?? 0;
      from += 1;
    }
  }
  return out;
}

/** Differences to what the numbers before let expect. */
function writeNumbers(profile: Profile, commands: Stream, data: Stream): void {
  const flags = commands.byte();
  const width = 1 + (flags & 3);
  const order = (flags >> 2) & 3;
  if (width === 3 || order === 3) throw new Error('a prediction that is not defined');
  const stride = flags & 16 ? commands.number() : width;
  if (stride < width || stride * 4 >= profile.length) throw new Error('a prediction from before the profile');
  const differences = interleaved(data.take(commands.number()), width);
  for (let at = 0; at < differences.length; at += width) {
    const expected = expectedNumber(profile, width, order, stride);
    append(
      profile,
      Array.from(differences.subarray(at, at + width), (difference, index) => {
        return (difference + Math.floor(expected / 256 ** (width - 1 - index))) % 256;
      }),
    );
  }
}

function expectedNumber({ bytes, length }: Profile, width: number, order: number, stride: number): number {
  const before = (steps: number) => {
    let value = 0;
    for (let index = 0; index < width; index += 1)
      value = value * 256 + (bytes[length - stride * steps + index] ?? 0);
    return value;
  };
  if (order === 0) return before(1);
  if (order === 1) return (2 * before(1) - before(2)) >>> 0;
  return (3 * (before(1) - before(2)) + before(3)) >>> 0;
}
