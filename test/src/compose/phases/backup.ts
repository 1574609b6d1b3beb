// A backup while clients post, all volumes destroyed, and a restore into a new stack: what was acknowledged before the backup is there again.
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { postImage } from '../../faults/post-image.ts';
import { type Pictures, preparePictures } from '../../service/pictures.ts';
import { ROOT } from '../../service/root.ts';
import { createClients } from '../clients.ts';
import type { Sent } from '../ledger.ts';
import { eventually, expectSame, inSeconds, type Proof } from '../proof.ts';
import { compareObjects, countOf, UNFINISHED } from '../state.ts';
import { checkLedger, checkOriginals } from './judge.ts';
import { allHealthy } from './start.ts';

const LOAD_MS = 4000;
const DRAINED_MS = 120_000;
const MIB = 1024 * 1024;
const RENDER = '/render?width=320&format=webp';

interface Known {
  imageId: string;
  metadata: string;
}

export async function playBackup(proof: Proof): Promise<void> {
  const { stack, check, figure, signal } = proof;
  const folder = path.join(proof.folder, 'backup');
  const pictures = await preparePictures();
  const known = await rememberExample(proof);
  const promised = await backUpUnderLoad(proof, folder, pictures);

  await check('all containers and volumes are destroyed', async () => {
    await stack.remove();
    const filter = `label=com.docker.compose.project=${stack.project}`;
    const left = await stack.docker('volume', 'ls', '--quiet', '--filter', filter);
    if (left !== '') throw new Error(`there is still ${left}`);
    return undefined;
  });
  await check('docker/restore.sh brings the stack back', async () => {
    const begunAt = performance.now();
    await stack.script('docker/restore.sh', folder);
    await allHealthy(stack, signal);
    figure('restored and healthy in', inSeconds(performance.now() - begunAt));
    return undefined;
  });
  await check('restored twice it says that the database is not empty', () => expectRefusal(proof, folder));
  await check('jobs that waited when the backup was made end', async () => {
    const look = async () => {
      const left = await countOf(stack, UNFINISHED);
      if (left > 0) throw new Error(`${left} have not ended`);
    };
    await eventually(look, { atMostMs: DRAINED_MS, signal });
    return undefined;
  });
  await checkLedger(proof, promised, { isWhole: false });
  await checkOriginals(proof, promised);
  await check('the document of the example is the same, by the same key', async () => {
    expectSame(await metadataOf(proof, known.imageId), known.metadata, 'the document');
    return undefined;
  });
  await check('no row is without its object', async () => {
    // What the backup leaves out comes back when it is asked for.
    const { missing } = await compareObjects(stack);
    const originals = missing.filter((key) => !key.includes('/derived/'));
    if (originals.length > 0) throw new Error(`${originals.length}: ${originals[0]}`);
    return undefined;
  });
  await check('a derivative, which no backup holds, is made anew', async () => {
    const { statusCode, bytes } = await get(proof, `/v1/images/${known.imageId}${RENDER}`);
    expectSame([statusCode, bytes.toString('latin1', 8, 12)], [200, 'WEBP'], 'the answer');
    return `${bytes.length} bytes`;
  });
  await check('new images are taken in', async () => {
    const answer = await postImage(proof.door, { key: 'after-restore', picture: pictures.make(0, 'after') });
    expectSame(answer.status, 202, 'the status');
    return undefined;
  });
}

async function rememberExample(proof: Proof): Promise<Known> {
  const bytes = await readFile(path.join(ROOT, 'examples/lighthouse.jpg'));
  const picture = { bytes, fileName: 'lighthouse.jpg', mimeType: 'image/jpeg' };
  const { status, body } = await postImage(proof.door, { key: 'the-example', picture });
  if (status >= 300) throw new Error(`The example was answered ${status}.`);
  const imageId = String(body.imageId);
  const look = async () => {
    const { statusCode } = await get(proof, `/v1/images/${imageId}${RENDER}`);
    expectSame(statusCode, 200, 'the picture');
    return { imageId, metadata: await metadataOf(proof, imageId) };
  };
  return eventually(look, { atMostMs: 30_000, signal: proof.signal });
}

/** Answers what was acknowledged before the backup began. */
async function backUpUnderLoad(proof: Proof, folder: string, pictures: Pictures): Promise<Sent[]> {
  const { stack, check, figure, signal, door } = proof;
  const clients = createClients(door, pictures);
  clients.start(proof.clients);
  try {
    await sleep(LOAD_MS, undefined, { signal });
    const sent = [...proof.promised, ...clients.sent()];
    const promised = sent.filter(({ jobIds }) => jobIds.length > 0);
    await check('docker/backup.sh makes a backup while clients post', async () => {
      const begunAt = performance.now();
      await stack.script('docker/backup.sh', folder);
      figure('backup made in', inSeconds(performance.now() - begunAt));
      const { size } = await stat(path.join(folder, 'database.dump'));
      const entries = await readdir(path.join(folder, 'objects'), { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile());
      const derived = files.filter(({ parentPath }) => parentPath.includes('/derived/'));
      if (derived.length > 0) throw new Error(`${derived.length} derivatives are in it`);
      return `${promised.length} jobs acknowledged before, dump ${(size / MIB).toFixed(1)} MiB, ${files.length} objects`;
    });
    return promised;
  } finally {
    await clients.stop();
  }
}

async function expectRefusal({ stack }: Proof, folder: string): Promise<undefined> {
  const said = await stack.script('docker/restore.sh', folder).then(
    () => 'it restored again',
    (error: Error) => error.message,
  );
  if (!said.includes('not empty')) throw new Error(said);
}

async function metadataOf(proof: Proof, imageId: string): Promise<string> {
  const { statusCode, bytes } = await get(proof, `/v1/images/${imageId}/metadata`);
  expectSame(statusCode, 200, 'the status');
  return bytes.toString();
}

async function get({ door }: Proof, target: string): Promise<{ statusCode: number; bytes: Buffer }> {
  const { statusCode, body } = await request(door.address + target, {
    dispatcher: door.dispatcher,
    headers: { 'x-api-key': door.apiKey },
  });
  return { statusCode, bytes: Buffer.from(await body.arrayBuffer()) };
}
