// node scripts/pictures.mjs: the pictures of docs/pictures, made by the service itself of the image in examples.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { ROOT } from '../service/root.ts';
import type { Caller, Json, Sent } from '../sources/caller.ts';
import { answered, itemsOf, textAt } from '../sources/expect.ts';
import { takeIn } from '../sources/scenarios/intake.ts';
import { startWorld } from '../sources/service.ts';
import { contactSheet, type Tile } from './sheet.ts';

const FOLDER = path.join(ROOT, 'docs/pictures');

/** What is asked of /render, one tile each. */
const RENDERS = [
  'width=140&height=140&fit=cover',
  'width=140&height=140&fit=contain&background=ffd8a8',
  'width=140&height=140&fit=fill',
  'width=140&height=140&fit=inside',
  'width=120&height=120&fit=outside',
  'width=140&height=140&gravity=west',
  'width=140&height=140&gravity=attention',
  'width=140&height=140&gravity=entropy',
  'width=100&rotate=90',
  'width=180&flip=horizontal',
  'width=180&grayscale=true',
  'width=180&format=webp&quality=40',
];

async function deliverySheet(me: Caller, original: Sent): Promise<string> {
  const { imageId } = await takeIn(me, original, { title: 'Lighthouse' });
  const tiles: Tile[] = [];
  for (const query of RENDERS) {
    const tile = await picture(me, `/v1/images/${imageId}/render?${query}`);
    const [size, ...rest] = query.split(/&(?!height)/);
    tiles.push({
      ...tile,
      lines: [size ?? '', rest.join('&'), `${tile.width} × ${tile.height}, ${tile.bytes.length} B`],
    });
  }
  return contactSheet('One original, delivered by twelve addresses', tiles);
}

/** What was taken in, as it is found again: by tag, and by its looks. */
async function librarySheet(me: Caller, original: Sent): Promise<string> {
  const photo = () => sharp(original.bytes);
  const variants: [title: string, tags: string, bytes: Promise<Buffer>][] = [
    ['Lighthouse at dusk', '["coast", "dusk"]', photo().jpeg({ quality: 90 }).toBuffer()],
    ['The same, for the web', '["coast", "web"]', photo().resize(640).jpeg({ quality: 40 }).toBuffer()],
    [
      'The same, brighter',
      '["coast", "dusk"]',
      photo().modulate({ brightness: 1.25 }).jpeg({ quality: 80 }).toBuffer(),
    ],
    ['From the other side', '["coast"]', photo().flop().jpeg({ quality: 80 }).toBuffer()],
  ];
  const ids: string[] = [];
  for (const [title, tags, bytes] of variants) {
    const image = { name: `${ids.length}.jpg`, type: 'image/jpeg', bytes: await bytes };
    ids.push(textAt(await takeIn(me, image, { title, tags, derivatives: 'thumb' }), 'imageId'));
  }
  const [first = ''] = ids;
  const similar = itemsOf(answered(await me.get(`/v1/images/${first}/similar?maxDistance=11`), 200));
  const distances = new Map(similar.map((one) => [idOf(one), one.distance]));
  const found = itemsOf(answered(await me.get('/v1/images?tag=coast&sort=createdAt'), 200)).filter(({ id }) =>
    ids.includes(String(id)),
  );
  const tiles: Tile[] = [];
  for (const { id, title, tags } of found) {
    const tile = await picture(me, `/v1/images/${id}/derivatives/thumb`);
    const distance = distances.get(String(id));
    const looks =
      id === first ? 'how similar?' : distance === undefined ? 'not similar' : `distance ${distance}`;
    tiles.push({ ...tile, lines: [String(title), (tags as string[]).join(', '), looks] });
  }
  return contactSheet('Four images found by a tag, and how much each looks like the first', tiles);
}

function idOf(similar: Json): string {
  return String((similar.image as Json | undefined)?.id ?? similar.id);
}

/** Small: it stands in a document. */
async function picture(me: Caller, address: string): Promise<Omit<Tile, 'lines'>> {
  const answer = await me.get(address);
  answered(answer, 200);
  const { width, height } = await sharp(answer.bytes).metadata();
  return { bytes: answer.bytes, mimeType: answer.headers['content-type'] ?? '', width, height };
}

async function main(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'tintype-pictures-'));
  const world = await startWorld(folder, {
    isFolder: true,
    say: (text) => process.stderr.write(`${text}\n`),
  });
  try {
    const bytes = await readFile(path.join(ROOT, 'examples/lighthouse.jpg'));
    const original = { name: 'lighthouse.jpg', type: 'image/jpeg', bytes };
    await mkdir(FOLDER, { recursive: true });
    await writeFile(path.join(FOLDER, 'delivery.svg'), await deliverySheet(await world.person(), original));
    await writeFile(path.join(FOLDER, 'library.svg'), await librarySheet(await world.person(), original));
  } finally {
    await world.close();
    await rm(folder, { recursive: true, force: true });
  }
}

main().then(
  () => process.exit(),
  (error: Error) => {
    process.stderr.write(`${error.stack ?? error.message}\n`);
    process.exit(1);
  },
);
