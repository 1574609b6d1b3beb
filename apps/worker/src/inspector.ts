// Reads images for whoever has bytes: decoders for every profile, ExifTool for the full one. Jobs and `tintype inspect` come in here.
import { availableParallelism } from 'node:os';
import type { Readable } from 'node:stream';
import { AppError, type Environment, type Logger, type Metadata, type Profile } from '@tintype/core';
import type { InspectWish } from './decoder/inspect.ts';
import { createDecoderPool } from './decoder/pool.ts';
import type { Task } from './decoder/send.ts';
import { createExifToolPool } from './exiftool/pool.ts';
import { extensionIn, type FileFacts, type InspectWishes } from './image/file-facts.ts';
import { known } from './image/known.ts';
import { mergeExifTool } from './image/merge-exiftool/merge-exiftool.ts';
import { withoutPixels } from './image/without-pixels.ts';
import type { inspectorSettings } from './inspector-settings.ts';

export type { FileFacts, InspectWishes } from './image/file-facts.ts';
export { EXTRACTOR_VERSION } from './image/inspect.ts';
export { inspectorSettings } from './inspector-settings.ts';

export type InspectorConfig = Environment<typeof inspectorSettings>;

/** A file and what is wanted of it; what is not said is as configured. */
export interface InspectTask extends Omit<Task<InspectWish>, 'wish'> {
  file: FileFacts;
  wishes: Partial<InspectWishes>;
  /** The file once more, for ExifTool: a stream can be read only once. Missing where `body` is in memory. */
  again?: () => Promise<Readable>;
  /** Decoding the picture ended a process before: everything but its pixels is wanted now. */
  pixelsGivenUp?: boolean;
}

export interface Inspector {
  /** What is wanted of an image whose job does not say. */
  wishesOf(wishes: InspectTask['wishes']): InspectWishes;
  /** @throws AppError DECODER_CRASHED, DECODER_TIMEOUT, ORIGINAL_CORRUPT, IMAGE_UNREADABLE */
  inspect(task: InspectTask): Promise<Metadata>;
  decoderPids(): number[];
  close(): Promise<void>;
}

/** A decoder needs less than a millisecond for most. */
const IMAGES_AT_ONCE = 4;

export function openInspector(
  config: InspectorConfig,
  { log, onBroken }: { log: Logger; onBroken: () => void },
): Inspector {
  const { maxPixels, maxHeifPixels, maxDecodedBytes } = config;
  const limits = { maxPixels, maxHeifPixels, maxDecodedBytes };
  const decoders = createDecoderPool<InspectWish, Metadata>({
    program: 'inspect',
    depth: IMAGES_AT_ONCE,
    size: config.decoders || availableParallelism(),
    memoryBytes: config.decoderMemoryBytes,
    timeoutMs: config.decodeTimeoutMs,
    recycleAfter: config.decoderRecycleAfter,
    log,
    onBroken,
  });

  const exiftool = createExifToolPool({
    processes: config.exiftoolProcesses,
    timeoutMs: config.exiftoolTimeoutMs,
    memoryBytes: config.exiftoolMemoryBytes,
    recycleAfter: config.exiftoolRecycleAfter,
    log,
  });

  function wishesOf({ profile, pixels, stats }: InspectTask['wishes']): InspectWishes {
    return {
      profile: profile ?? (config.inspectProfile satisfies Profile),
      pixels: pixels ?? config.pixelFacts === 'on',
      stats: stats ?? false,
    };
  }

  async function decode({ file, wishes, again, ...task }: InspectTask): Promise<Metadata> {
    const options = { ...wishesOf(wishes), limits };
    const decoding = decoders.run({ ...task, wish: { file, options } }).then(({ facts }) => facts);
    if (options.profile === 'fast') return decoding;
    const { fileName, format } = file;
    const extension = extensionIn(fileName);
    const reading = bodyFor(task.body, again).then((body) =>
      exiftool.read(body, known({ format, extension, bytes: file.bytes })),
    );
    // Both are waited for, whichever fails: neither may go on with a file that nobody asks about any more.
    const [document, answer] = await Promise.allSettled([decoding, reading]);
    if (document.status === 'rejected') throw document.reason;
    // The file's source, not ExifTool: the whole is read again later.
    if (answer.status === 'rejected') throw sourceFailed(answer.reason);
    return mergeExifTool(document.value, answer.value);
  }

  async function inspect(task: InspectTask): Promise<Metadata> {
    if (task.pixelsGivenUp === true) return withoutPixels(await decode(leavingPixels(task)));
    try {
      return await decode(task);
    } catch (error) {
      // What is in memory is read again at once; what streams, by the next attempt of its job.
      if (!endedItsProcess(error) || !wishesOf(task.wishes).pixels || !(task.body instanceof Uint8Array))
        throw error;
      return withoutPixels(await decode(leavingPixels(task)));
    }
  }

  return {
    wishesOf,
    inspect,
    decoderPids: () => decoders.pids(),
    close: async () => {
      decoders.close();
      await exiftool.close();
    },
  };
}

function sourceFailed(cause: unknown): AppError {
  return cause instanceof AppError ? cause : new AppError('OBJECT_STORE_UNAVAILABLE', { cause });
}

/** ExifTool's own copy of the file. */
async function bodyFor(
  body: Uint8Array | Readable,
  again: InspectTask['again'],
): Promise<Uint8Array | Readable> {
  if (body instanceof Uint8Array) return body;
  if (again === undefined) throw new Error('A stream can be read only once: `again` is missing.');
  return again();
}

function leavingPixels(task: InspectTask): InspectTask {
  return { ...task, wishes: { ...task.wishes, pixels: false }, suspect: true };
}

/** The error codes of an image that ended, or outlasted, the process that read it. */
export const ENDED_ITS_PROCESS: ReadonlySet<string> = new Set(['DECODER_CRASHED', 'DECODER_TIMEOUT']);

function endedItsProcess(error: unknown): boolean {
  return error instanceof AppError && ENDED_ITS_PROCESS.has(error.code);
}
