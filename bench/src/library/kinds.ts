// The kinds of pages that are asked of a library, each with other words, tags and places every time.
import { type Database, IMAGE_SORTS, type ImageQuery } from '@tintype/prisma';
import { LIBRARY_TENANT } from './fill.ts';
import { cameraOf, type Dice, tagOf, wordOf } from './make-images.ts';

export interface Kind {
  readonly name: string;
  /** Asks once. */
  readonly ask: (dice: Dice) => Promise<unknown>;
}

/** What pages and looks begin from: images that are there. */
export interface Sample {
  readonly ids: readonly string[];
}

type Filters = Omit<ImageQuery, 'sort' | 'limit' | 'after'>;

const LIMIT = 50;
const DAY_MS = 86_400_000;
/** Days behind the first upload. */
const at = (days: number) => new Date(Date.UTC(2023, 0, 1) + days * DAY_MS);

const between = (dice: Dice, from: number, to: number) => from + Math.floor(dice() * (to - from));
const oftenWord = (dice: Dice) => wordOf(between(dice, 0, 20));
const someWord = (dice: Dice) => wordOf(between(dice, 100, 1000));
const rareWord = (dice: Dice) => wordOf(between(dice, 3000, 5000));
const oftenTag = (dice: Dice) => tagOf(between(dice, 0, 8));
const rareTag = (dice: Dice) => tagOf(between(dice, 250, 400));

const FILTERS: Readonly<Record<string, (dice: Dice) => Filters>> = {
  'title, common word': (dice) => ({ title: oftenWord(dice) }),
  'title, rare word': (dice) => ({ title: rareWord(dice) }),
  'title, two letters': (dice) => ({ title: someWord(dice).slice(0, 2) }),
  'title, nowhere': (dice) => ({ title: `qq${someWord(dice)}qq` }),
  'tag, common': (dice) => ({ tagsAny: [oftenTag(dice)] }),
  'tag, rare': (dice) => ({ tagsAny: [rareTag(dice)] }),
  'tags, any of four': (dice) => ({
    tagsAny: [oftenTag, oftenTag, rareTag, rareTag].map((one) => one(dice)),
  }),
  'tags, all of two common': (dice) => ({ tagsAll: [oftenTag(dice), oftenTag(dice)] }),
  'tags, all, common and rare': (dice) => ({ tagsAll: [oftenTag(dice), rareTag(dice)] }),
  'format, common': () => ({ format: 'jpeg' }),
  'format, rare': () => ({ format: 'tiff' }),
  'camera, common': (dice) => ({ camera: cameraOf(between(dice, 0, 4)) }),
  'camera, rare': (dice) => ({ camera: cameraOf(between(dice, 45, 60)) }),
  'with position': () => ({ hasGps: true }),
  'without position': () => ({ hasGps: false }),
  public: () => ({ isPublic: true }),
  'uploaded in a day': (dice) => {
    const day = between(dice, 0, 1090);
    return { uploadedAfter: at(day), uploadedBefore: at(day + 1) };
  },
  'uploaded in a year': (dice) => {
    const day = between(dice, 0, 700);
    return { uploadedAfter: at(day), uploadedBefore: at(day + 365) };
  },
  'taken in a week': (dice) => {
    const day = between(dice, 0, 1090);
    const text = (time: Date) => time.toISOString().slice(0, 19);
    return { takenAfter: text(at(day)), takenBefore: text(at(day + 7)) };
  },
  'wide pictures': (dice) => ({ minWidth: between(dice, 4500, 5400) }),
  'tall and narrow': (dice) => ({ maxWidth: 480, minHeight: between(dice, 4500, 5400) }),
  'large files': (dice) => ({ minBytes: between(dice, 11_000_000, 11_900_000) }),
  'small files': (dice) => ({ maxBytes: between(dice, 10_100, 12_000) }),
  'q, common word': (dice) => ({ q: oftenWord(dice) }),
  'q, some word': (dice) => ({ q: someWord(dice) }),
  'q, rare word': (dice) => ({ q: rareWord(dice) }),
  'q, two words': (dice) => ({ q: `${oftenWord(dice)} ${someWord(dice)}` }),
  'q, beginning of a word': (dice) => ({ q: someWord(dice).slice(0, 4) }),
  'q, phrase': (dice) => ({ q: `"${oftenWord(dice)} ${oftenWord(dice)}"` }),
  'q, one without another': (dice) => ({ q: `${someWord(dice)} -${oftenWord(dice)}` }),
  'q, nowhere': (dice) => ({ q: `qq${someWord(dice)}` }),
  'q, tag and date': (dice) => ({
    q: someWord(dice),
    tagsAny: [oftenTag(dice)],
    uploadedAfter: at(between(dice, 0, 500)),
  }),
  'camera, tag and format': (dice) => ({
    camera: cameraOf(between(dice, 0, 10)),
    tagsAll: [oftenTag(dice)],
    format: 'jpeg',
  }),
  'everything at once, nothing found': (dice) => ({
    title: someWord(dice),
    tagsAll: [oftenTag(dice), rareTag(dice)],
    hasGps: true,
    isPublic: true,
    maxBytes: 20_000,
  }),
};

/** Filters that are asked for in other orders too: some match much, some little. */
const SORTED = ['tag, common', 'tag, rare', 'title, common word', 'q, some word', 'with position'];
const OTHER_SORTS = ['-takenAt', 'title', '-bytes'] as const;
const DISTANCES = [0, 4, 8, 11];
const PAGES_DEEP = 40;

export function kindsOf(db: Pick<Database, 'findImages' | 'tags'>, { ids }: Sample): Kind[] {
  const list = (query: Omit<ImageQuery, 'limit'>) =>
    db.findImages.list(LIBRARY_TENANT, { ...query, limit: LIMIT });
  const filtered = (name: string, sort: ImageQuery['sort']) => (dice: Dice) =>
    list({ sort, ...FILTERS[name]?.(dice) });
  const anyId = (dice: Dice) => ids[Math.floor(dice() * ids.length)] ?? '';
  return [
    ...IMAGE_SORTS.map((sort) => ({ name: `all, ${sort}`, ask: () => list({ sort }) })),
    ...IMAGE_SORTS.map((sort) => ({
      name: `all, ${sort}, behind ${PAGES_DEEP} pages`,
      ask: behindPages(sort, list),
    })),
    ...Object.keys(FILTERS).map((name) => ({ name, ask: filtered(name, '-createdAt') })),
    ...SORTED.flatMap((name) =>
      OTHER_SORTS.map((sort) => ({ name: `${name}, ${sort}`, ask: filtered(name, sort) })),
    ),
    ...DISTANCES.map((maxDistance) => ({
      name: `similar, ${maxDistance} bits`,
      ask: (dice: Dice) => db.findImages.similar(LIBRARY_TENANT, anyId(dice), { maxDistance, limit: LIMIT }),
    })),
    { name: 'tags', ask: () => db.tags.list(LIBRARY_TENANT, { limit: LIMIT }) },
    {
      name: 'tags, behind one',
      ask: (dice) => db.tags.list(LIBRARY_TENANT, { after: someWord(dice), limit: LIMIT }),
    },
    {
      name: 'tags, by their beginning',
      ask: (dice) => db.tags.list(LIBRARY_TENANT, { prefix: someWord(dice).slice(0, 2), limit: LIMIT }),
    },
  ];
}

/** The pages before are looked at once, uncounted: what is asked is the page behind them. */
function behindPages(
  sort: ImageQuery['sort'],
  list: (query: Omit<ImageQuery, 'limit'>) => ReturnType<Database['findImages']['list']>,
): () => Promise<unknown> {
  const reached = async () => {
    let after: ImageQuery['after'];
    for (let page = 0; page < PAGES_DEEP; page += 1) after = (await list({ sort, after })).next ?? after;
    return after;
  };
  let known: ReturnType<typeof reached> | undefined;
  return async () => {
    known ??= reached();
    return list({ sort, after: await known });
  };
}
