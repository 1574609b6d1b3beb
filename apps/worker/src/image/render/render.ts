// Bytes in, bytes of another picture out. The steps, in order; each in a file of its own, none does any I/O.
import {
  AppError,
  type CanonicalTransform,
  type ImageFormat,
  type OutputFormat,
  sniff,
} from '@tintype/core/contract';
import type { Sharp } from 'sharp';
import { OUT_OF_MEMORY, UNSUPPORTED } from '../libvips-errors.ts';
import { blur } from './blur.ts';
import { encode } from './encode.ts';
import { fit } from './fit.ts';
import { flatten } from './flatten.ts';
import { drawFrames } from './frames.ts';
import { grayscale } from './grayscale.ts';
import { inFrames } from './in-frames.ts';
import { type RenderLimits, tooLarge } from './limits.ts';
import { memoryOf } from './memory.ts';
import { open } from './open.ts';
import { type Plan, planOf, type Step } from './plan.ts';
import { reduce } from './reduce.ts';
import { sharpen } from './sharpen.ts';
import { readSource } from './source.ts';
import { straighten } from './straighten.ts';
import { turn } from './turn.ts';

export interface RenderWish {
  transform: CanonicalTransform;
  limits: RenderLimits;
  /** What the file is, where more is known than its first bytes tell. */
  format?: ImageFormat;
}

export interface Rendered {
  format: OutputFormat;
  /** Of one frame. */
  width: number;
  height: number;
}

/** Copies to begin with, where sharp needs one. */
const PREPARE = [reduce, straighten];

/** Added to one pipeline: libvips does them row by row. */
const SHAPE: readonly Step[] = [turn, fit, blur, sharpen];
/** What knows no frames. As raw pixels, gray ones would lose their alpha. */
const COLOURS: readonly Step[] = [grayscale, flatten];

/** @throws AppError NOT_RENDERABLE, PICTURE_TOO_LARGE, IMAGE_UNREADABLE */
export async function render(
  bytes: Uint8Array,
  { transform, limits, format }: RenderWish,
): Promise<{ facts: Rendered; bytes: Buffer }> {
  try {
    const known = format ?? sniff(bytes);
    if (known === undefined) throw new AppError('NOT_RENDERABLE');
    const source = await readSource(bytes, known, limits);
    const plan = planOf(source, transform, limits);
    makeRoom(memoryOf(plan));
    const image = await drawn(bytes, plan);
    const { data, info } = await encode(image, plan).toBuffer({ resolveWithObject: true });
    const { width, pageHeight: height = info.height } = info;
    return { facts: { format: plan.format, width, height }, bytes: data };
  } catch (error) {
    throw explain(error);
  }
}

const MUCH_MEMORY_BYTES = 32 * 1024 * 1024;

/** libvips can't ask Node.js for what earlier files left behind. */
function makeRoom(memory: number): void {
  if (memory > MUCH_MEMORY_BYTES) globalThis.gc?.();
}

async function drawn(bytes: Uint8Array, plan: Plan): Promise<Sharp> {
  if (inFrames(plan)) return through(COLOURS, await drawFrames(bytes, plan, shape), plan);
  let prepared: [Uint8Array, Plan] = [bytes, plan];
  for (const step of PREPARE) prepared = await step(...prepared);
  const [copy, further] = prepared;
  return through(COLOURS, shape(open(copy, further), further), further);
}

const shape: Step = (image, plan) => through(SHAPE, image, plan);

function through(steps: readonly Step[], image: Sharp, plan: Plan): Sharp {
  return steps.reduce((before, step) => step(before, plan), image);
}

/** libvips' own words name places in its code and in the file: they are for the logs. */
function explain(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const text = String(error);
  if (OUT_OF_MEMORY.test(text)) return tooLarge('The picture takes more memory than there is for one.');
  if (UNSUPPORTED.test(text)) return new AppError('NOT_RENDERABLE', { cause: error });
  return new AppError('IMAGE_UNREADABLE', { cause: error });
}
