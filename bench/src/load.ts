// The load generator, a process of its own: encodes the bodies before it starts its clock, answers with a report.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { runClosedLoop } from './closed-loop.ts';
import { runGetLoop } from './get-loop.ts';
import { type LoadOrder, type LoadReport, uploadPart } from './load-order.ts';
import { encodeUpload, type UploadBody } from './multipart.ts';
import { runPacedLoop } from './paced-loop.ts';

const encoded = new Map<string, UploadBody>();

async function bodyOf(image: string): Promise<UploadBody> {
  const known = encoded.get(image);
  if (known) return known;
  const body = encodeUpload(await readFile(image), uploadPart, basename(image));
  encoded.set(image, body);
  return body;
}

async function run(order: LoadOrder): Promise<LoadReport> {
  if (order.kind === 'get') return runGetLoop(order);
  const bodies = await Promise.all(order.images.map(bodyOf));
  return order.kind === 'closed' ? runClosedLoop(order, bodies) : runPacedLoop(order, bodies);
}

process.on('message', (order: LoadOrder) => {
  void run(order).then((report) => process.send?.(report));
});
process.on('disconnect', () => process.exit(0));
