// A decoder as the worker runs it, with its defaults, that is asked about hostile files one at a time; and what it must answer.
import {
  AppError,
  createLogger,
  type Environment,
  type ErrorCode,
  type ImageFormat,
  Metadata,
  readEnvironment,
} from '@tintype/core';
import sharp from 'sharp';
import type { Test } from 'tap';
import { Compile } from 'typebox/compile';
import { type Inspector, inspectorSettings, openInspector } from '../../src/inspector.ts';
import type { Attack } from './attack.ts';
import { losslessWebp } from './lossless-webp.ts';
import { CAN_WATCH, processorMs, watchPeak } from './watch-child.ts';

/** By the processor's clock, which runs the same on a busy machine. */
const MAX_MS = 2000;
const MAX_BOMB_MS = 10_000;
/** By the clock on the wall so many times as much. */
const PATIENCE = 5;
const MAX_PEAK_BYTES = 256 * 1024 ** 2;
/** A row of a database and an answer of the API. */
const MAX_DOCUMENT_BYTES = 4 * 1024 ** 2;

/** It needs 137 MB of the 150 that a picture may take. */
const LARGE = losslessWebp(5700, 4800);

/** What a file may come to, apart from a document. */
const CODES: ReadonlySet<ErrorCode> = new Set(['IMAGE_UNREADABLE', 'DECODER_CRASHED', 'DECODER_TIMEOUT']);

const metadata = Compile(Metadata);

export interface Answer {
  document?: Metadata;
  code?: string;
  elapsedMs: number;
  /** Of the decoder; undefined where that can't be known. */
  processorMs: number | undefined;
  /** Resident memory of the decoder at its highest; 0 where it can't be known. */
  peakBytes: number;
  /** The file ended the process that read it. */
  ended: boolean;
}

export interface Ground {
  inspector: Inspector;
  /** The one decoder. */
  pid(): number;
  ask(file: Buffer, format: ImageFormat, about?: { pixels?: boolean; fileName?: string }): Promise<Answer>;
  /** Throws unless an ordinary picture is described as it was in the beginning. */
  proveWell(): Promise<void>;
  /** Throws unless there is room left for a picture that just fits. */
  proveRoom(): Promise<void>;
}

export async function openGround(t: Test, env: NodeJS.ProcessEnv = {}): Promise<Ground> {
  const config: Environment<typeof inspectorSettings> = readEnvironment(inspectorSettings, {
    DECODERS: '1',
    ...env,
  });
  const inspector = openInspector(config, {
    log: createLogger({ name: 'test', level: 'silent' }),
    onBroken: () => t.fail('decoders do not start'),
  });
  t.teardown(() => inspector.close());
  const picture = await ordinaryPicture();

  async function describe(
    file: Buffer,
    format: ImageFormat,
    { pixels = true, fileName = 'a.bin' } = {},
  ): Promise<Metadata> {
    const facts = { bytes: file.length, sha256Hex: 'ab'.repeat(32), format };
    return inspector.inspect({
      body: file,
      bodyBytes: file.length,
      file: { ...facts, fileName, declaredMimeType: null },
      wishes: { profile: 'fast', pixels, stats: pixels },
    });
  }

  const timeless = async () => ({ ...(await describe(picture, 'jpeg')), extractedAt: '' });
  const wanted = JSON.stringify(await timeless());
  const pid = () => inspector.decoderPids()[0] ?? 0;

  return {
    inspector,
    pid,
    ask: async (file, format, about) => {
      const before = pid();
      const watch = CAN_WATCH ? watchPeak(before) : undefined;
      const usedMs = processorMs(before);
      const begunAt = performance.now();
      const outcome = await describe(file, format, about).then((document) => ({ document }), codeOf);
      const elapsedMs = performance.now() - begunAt;
      const peakBytes = watch?.stop() ?? 0;
      const nowMs = processorMs(before);
      const used = nowMs === undefined || usedMs === undefined ? undefined : nowMs - usedMs;
      return { ...outcome, elapsedMs, processorMs: used, peakBytes, ended: pid() !== before };
    },
    proveWell: async () => {
      const found = JSON.stringify(await timeless());
      if (found !== wanted) throw new Error(`An ordinary picture became ${found}`);
    },
    proveRoom: async () => {
      const { sections, warnings } = await describe(LARGE, 'webp');
      if (sections.pixels !== 'ok') throw new Error(`There is no room: ${JSON.stringify(warnings)}`);
    },
  };
}

/** @throws whatever no caller may see */
function codeOf(error: unknown): { code: string } {
  if (error instanceof AppError) return { code: error.code };
  throw error;
}

async function ordinaryPicture(): Promise<Buffer> {
  return sharp({ create: { width: 64, height: 48, channels: 3, background: '#a35' } })
    .withExif({ IFD0: { Artist: 'A. Photographer' } })
    .jpeg()
    .toBuffer();
}

/** Everything that is wrong with an answer. */
export function faultsOf(answer: Answer, isBomb = false): string[] {
  const { document, code, elapsedMs, peakBytes } = answer;
  const faults: string[] = [];
  const maxMs = isBomb ? MAX_BOMB_MS : MAX_MS;
  if ((answer.processorMs ?? 0) > maxMs) faults.push(`${answer.processorMs} ms of the processor`);
  if (elapsedMs > maxMs * PATIENCE) faults.push(`${Math.round(elapsedMs)} ms`);
  if (peakBytes > MAX_PEAK_BYTES) faults.push(`${mebibytes(peakBytes)} MiB resident`);
  if (code !== undefined && !CODES.has(code as ErrorCode)) faults.push(`code ${code}`);
  if (document === undefined) return faults;
  const text = JSON.stringify(document);
  if (text.length > MAX_DOCUMENT_BYTES) faults.push(`a document of ${text.length} characters`);
  // What goes to the API is what JSON keeps of it.
  const kept: unknown = JSON.parse(text);
  for (const { instancePath, message } of metadata.Errors(kept)) faults.push(`${instancePath} ${message}`);
  return faults;
}

const mebibytes = (bytes: number) => Math.round(bytes / 1024 ** 2);

/** How often, on the way, room is proven. */
const ROOM_PROOFS = 2;

/** Asks about every file in turn, after each one about an ordinary picture, and now and then about one that just fits. */
export async function prove(t: Test, attacks: readonly Attack[]): Promise<void> {
  const ground = await openGround(t);
  const figures: Figure[] = [];
  for (const [index, { name, format, make, isBomb }] of attacks.entries()) {
    const file = await make();
    const answer = await ground.ask(file, format);
    t.same(faultsOf(answer, isBomb), [], name);
    await ground.proveWell();
    if (index % Math.ceil(attacks.length / ROOM_PROOFS) === 0) await ground.proveRoom();
    figures.push({ name, bytes: file.length, ...answer });
  }
  await ground.proveRoom();
  for (const line of summary(figures)) t.comment(line);
}

export interface Figure extends Answer {
  name: string;
  bytes: number;
}

/** The slowest, the hungriest, and whatever ended its process. */
export function summary(figures: readonly Figure[]): string[] {
  const tell = ({ name, bytes, elapsedMs, peakBytes, code, document }: Figure) =>
    `${name} (${bytes} B): ${code ?? document?.sections.pixels}, ${Math.round(elapsedMs)} ms, ${mebibytes(peakBytes)} MiB`;
  const most = (by: 'elapsedMs' | 'peakBytes') =>
    [...figures]
      .sort((one, other) => other[by] - one[by])
      .slice(0, 3)
      .map(tell);
  const ended = figures
    .filter((figure) => figure.ended)
    .map((figure) => `ended its process: ${tell(figure)}`);
  return [
    `${figures.length} files; the slowest:`,
    ...most('elapsedMs'),
    'the hungriest:',
    ...most('peakBytes'),
    ...ended,
  ];
}
