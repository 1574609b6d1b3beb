// Rows of images as people have them, the same in every run: words, tags and cameras of which few are common, looks of which some are alike.
// Knows no database.

export interface ImageRow {
  id: string;
  tenantId: string;
  bytes: number;
  format: string;
  width: number;
  height: number;
  title: string | null;
  tags: string[];
  camera: string | null;
  caption: string | null;
  keywords: string[];
  takenAt: string | null;
  latitude: number | null;
  longitude: number | null;
  /** Signed, 64 bits. */
  phash: string;
  isPublic: boolean;
  /** About as long as what is stored of a photograph, compressed. */
  metadata: object;
  createdAt: string;
}

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export type Dice = () => number;

export function rollDice(seed: number): Dice {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const SYLLABLES = 'ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu'.split(' ');
const WORDS = 5000;
const TAGS = 400;
const MAKERS = ['Amber', 'Borealis', 'Cobalt', 'Dorado', 'Elmwood', 'Ferro', 'Gilt', 'Halide'];
const FORMATS = ['jpeg', 'jpeg', 'jpeg', 'jpeg', 'jpeg', 'jpeg', 'jpeg', 'webp', 'png', 'heic'];
const RARE_FORMAT = 'tiff';
/** One in so many is of the rare format. */
const RARE = 500;
const FIRST_UPLOAD_MS = Date.UTC(2023, 0, 1);
const UPLOADED_IN_MS = 3 * 365 * 86_400_000;
const LOOK_BITS = 64;

/** The commonest have the lowest numbers. */
function common(dice: Dice, count: number): number {
  return Math.floor(dice() ** 3 * count);
}

/** The word of this number: 0 is in many texts, 4999 in few. */
export function wordOf(number: number): string {
  const at = (place: number) => SYLLABLES[Math.floor(number / place) % SYLLABLES.length] ?? '';
  return `${at(1)}${at(20)}${at(400)}`;
}

export function tagOf(number: number): string {
  return `${wordOf(number * 7)} ${number}`;
}

export function cameraOf(number: number): string {
  return `${MAKERS[number % MAKERS.length]} ${100 + number}`;
}

function words(dice: Dice, least: number, most: number): string[] {
  const count = least + Math.floor(dice() * (most - least + 1));
  return Array.from({ length: count }, () => wordOf(common(dice, WORDS)));
}

function uuidAt(timeMs: number, dice: Dice): string {
  const hex = (digits: number) =>
    Array.from({ length: digits }, () => Math.floor(dice() * 16).toString(16)).join('');
  const time = Math.floor(timeMs).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-8${hex(3)}-${hex(12)}`;
}

function looksOf(dice: Dice, before: bigint | undefined): bigint {
  // One in fifty looks nearly like the one before it.
  if (before !== undefined && dice() < 0.02) {
    let looks = before;
    for (let bits = Math.floor(dice() * 5); bits > 0; bits -= 1)
      looks ^= 1n << BigInt(Math.floor(dice() * LOOK_BITS));
    return BigInt.asIntN(LOOK_BITS, looks);
  }
  const half = () => BigInt(Math.floor(dice() * 2 ** 32));
  return BigInt.asIntN(LOOK_BITS, (half() << 32n) | half());
}

/** `count` images of one tenant, oldest first, spread over three years. */
export function* makeImageRows(tenantId: string, count: number, seed: number): Generator<ImageRow> {
  const dice = rollDice(seed);
  let looks: bigint | undefined;
  for (let nth = 0; nth < count; nth += 1) {
    const uploadedMs = FIRST_UPLOAD_MS + (nth / count) * UPLOADED_IN_MS;
    looks = looksOf(dice, looks);
    yield { ...oneImage(dice, uploadedMs), tenantId, phash: String(looks) };
  }
}

function oneImage(dice: Dice, uploadedMs: number): Omit<ImageRow, 'tenantId' | 'phash'> {
  const hasGps = dice() < 0.3;
  const isDated = dice() < 0.85;
  const isUpright = dice() < 0.3;
  const [long, short] = dice() < 0.6 ? [4000, 3000] : [600 + Math.floor(dice() * 5000), 480];
  const caption = dice() < 0.3 ? words(dice, 6, 25).join(' ') : null;
  const keywords = dice() < 0.4 ? [...new Set(words(dice, 1, 8))] : [];
  const tags = new Set(Array.from({ length: Math.floor(dice() * 7) }, () => tagOf(common(dice, TAGS))));
  return {
    id: uuidAt(uploadedMs, dice),
    bytes: Math.floor(10_000 + dice() ** 2 * 12_000_000),
    format: dice() < 1 / RARE ? RARE_FORMAT : (FORMATS[Math.floor(dice() * FORMATS.length)] ?? 'jpeg'),
    width: isUpright ? short : long,
    height: isUpright ? long : short,
    title: dice() < 0.9 ? words(dice, 2, 6).join(' ') : null,
    tags: [...tags],
    camera: dice() < 0.8 ? cameraOf(common(dice, 60)) : null,
    caption,
    keywords,
    takenAt: isDated ? new Date(uploadedMs - dice() ** 4 * UPLOADED_IN_MS).toISOString().slice(0, 19) : null,
    latitude: hasGps ? dice() * 180 - 90 : null,
    longitude: hasGps ? dice() * 360 - 180 : null,
    isPublic: dice() < 0.05,
    metadata: { caption, keywords, notes: words(dice, 120, 160).join(' ') },
    createdAt: new Date(uploadedMs).toISOString(),
  };
}
