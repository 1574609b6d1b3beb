// Holds what clients were promised against what is there.
import { createHash } from 'node:crypto';
import { request } from 'undici';
import { compareLedger, type Sent } from '../ledger.ts';
import type { Proof } from '../proof.ts';
import { jobRows } from '../state.ts';

const AT_ONCE = 8;

const SAYS = {
  lost: 'no acknowledged job is lost',
  notCompleted: 'every acknowledged job completed',
  endedTwice: 'no job ended twice',
  doubled: 'no key made two jobs or two images',
  changed: 'every image has the checksum of the file that was sent',
} as const;

/** @param isWhole nothing else was ever sent: then no job may be there that nobody was told of, and nobody may have given up */
export async function checkLedger(
  { stack, check, figure }: Proof,
  sent: readonly Sent[],
  { isWhole }: { isWhole: boolean },
): Promise<void> {
  const rows = await jobRows(stack);
  const hashes = new Set(sent.map(({ sha256Hex }) => sha256Hex));
  // Of this load alone: others have sent images before.
  const own = rows.filter(({ sha256Hex }) => hashes.has(sha256Hex));
  const found = compareLedger(sent, own);
  const acknowledged = sent.filter(({ jobIds }) => jobIds.length > 0).length;
  for (const [kind, says] of Object.entries(SAYS) as [keyof typeof SAYS, string][])
    await check(says, () => expectNone(found[kind]));
  if (!isWhole) return;
  figure('acknowledged jobs', String(acknowledged));
  await check('something was acknowledged, and no client gave up', () => {
    if (acknowledged === 0) throw new Error('nothing was acknowledged');
    expectNone(sent.filter(({ jobIds }) => jobIds.length === 0).map(({ key }) => key));
    return `${acknowledged} images`;
  });
  await check('no job is there that nobody was told of', () => expectNone(found.untold));
}

function expectNone(names: readonly string[]): undefined {
  if (names.length > 0) throw new Error(`${names.length}: ${names.slice(0, 3).join(', ')}`);
}

/** Every original, through nginx, byte for byte. */
export async function checkOriginals(proof: Proof, sent: readonly Sent[]): Promise<void> {
  await proof.check('every original comes back byte for byte', async () => {
    const images = new Map((await jobRows(proof.stack)).map(({ jobId, imageId }) => [jobId, imageId]));
    const waiting = sent.flatMap(({ jobIds: [id = ''], sha256Hex }) => ({
      imageId: images.get(id),
      sha256Hex,
    }));
    const wrong: string[] = [];
    const askNext = async (): Promise<void> => {
      for (let one = waiting.pop(); one !== undefined; one = waiting.pop())
        if (one.imageId !== undefined && (await sha256Of(proof, one.imageId)) !== one.sha256Hex)
          wrong.push(one.imageId);
    };
    const count = waiting.length;
    await Promise.all(Array.from({ length: AT_ONCE }, askNext));
    expectNone(wrong);
    return `${count} files`;
  });
}

async function sha256Of({ door }: Proof, imageId: string): Promise<string> {
  const { statusCode, body } = await request(`${door.address}/v1/images/${imageId}/original`, {
    dispatcher: door.dispatcher,
    headers: { 'x-api-key': door.apiKey },
  });
  const hash = createHash('sha256');
  for await (const chunk of body) hash.update(chunk as Buffer);
  return statusCode === 200 ? hash.digest('hex') : `status ${statusCode}`;
}
