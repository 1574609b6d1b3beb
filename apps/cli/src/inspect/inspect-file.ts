// One local file, through the same decoders as an uploaded one.
import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError, type Metadata, SNIFF_BYTES, sniff } from '@tintype/core';
import type { Inspector, InspectTask } from '@tintype/worker/inspector';

export type Wishes = InspectTask['wishes'];

export type FileAnswer =
  | { file: string; ms: number; metadata: Metadata }
  | { file: string; ms: number; error: string };

/** `ms`: from bytes in memory to document. Never throws: what is wrong with a file is its answer. */
export async function inspectFile(
  file: string,
  { wishes, inspector }: { wishes: Wishes; inspector: Inspector },
): Promise<FileAnswer> {
  let begunAt = performance.now();
  const since = () => Math.round((performance.now() - begunAt) * 1000) / 1000;
  try {
    const { bytes, format } = await readImage(file);
    begunAt = performance.now();
    const facts = {
      bytes: bytes.length,
      sha256Hex: createHash('sha256').update(bytes).digest('hex'),
      format,
      fileName: path.basename(file),
      declaredMimeType: null,
    };
    const metadata = await inspector.inspect({ file: facts, wishes, body: bytes, bodyBytes: bytes.length });
    return { file, ms: since(), metadata };
  } catch (error) {
    const text = error instanceof AppError ? `${error.code}: ${error.message}` : (error as Error).message;
    return { file, ms: since(), error: text };
  }
}

/** A decoder holds the whole file beside what it needs itself. */
const MAX_FILE_BYTES = 128 * 1024 * 1024;

/** Looks at the first bytes before it reads the rest: a film among the pictures costs nothing. */
async function readImage(file: string) {
  // Before it is opened: a pipe would wait for ever for somebody to write.
  const about = await stat(file);
  if (!about.isFile())
    throw new Error(about.isDirectory() ? 'This folder can not be read.' : 'This is no file.');
  const handle = await open(file, 'r');
  try {
    const head = Buffer.alloc(Math.min(SNIFF_BYTES, about.size));
    await handle.read(head, 0, head.length, 0);
    if (head.length === 0) throw new AppError('EMPTY_FILE');
    const format = sniff(head);
    if (format === undefined) throw new AppError('NOT_AN_IMAGE');
    if (about.size > MAX_FILE_BYTES)
      throw new AppError('IMAGE_TOO_LARGE', {
        message: 'The file is larger than the 128 MiB that a decoder holds.',
      });
    return { bytes: await handle.readFile(), format };
  } finally {
    await handle.close();
  }
}
