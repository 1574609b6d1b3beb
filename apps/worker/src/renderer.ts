// Makes pictures of pictures for whoever has bytes, in processes of their own: the worker itself never decodes.
import { availableParallelism } from 'node:os';
import type { Readable } from 'node:stream';
import type { CanonicalTransform, Environment, ImageFormat, Logger } from '@tintype/core';
import { DATA_SHARE } from './decoder/launch.ts';
import { createDecoderPool, type DecoderPool } from './decoder/pool.ts';
import type { RenderLimits } from './image/render/limits.ts';
import type { Rendered, RenderWish } from './image/render/render.ts';
import type { rendererSettings } from './renderer-settings.ts';

export { rendererSettings } from './renderer-settings.ts';

export type RendererConfig = Environment<typeof rendererSettings>;

export interface RenderTask {
  /** The whole file: its bytes in memory, or a stream of exactly `bodyBytes` of them. */
  body: Uint8Array | Readable;
  bodyBytes: number;
  /** What the file was found to be, where that is known. */
  file?: { format: ImageFormat };
  /** From `canonicalTransform`. */
  transform: CanonicalTransform;
}

export interface Picture extends Rendered {
  bytes: Buffer;
}

export interface Renderer {
  /**
   * @throws AppError NOT_RENDERABLE, PICTURE_TOO_LARGE, IMAGE_UNREADABLE, DECODER_CRASHED, DECODER_TIMEOUT; ORIGINAL_CORRUPT or
   * OBJECT_STORE_UNAVAILABLE when the stream breaks off
   */
  render(task: RenderTask): Promise<Picture>;
  pids(): number[];
  close(): Promise<void>;
}

/** What Node.js and sharp hold before there is a picture. Measured: 80 MB, and 110 with what earlier pictures left. */
const EMPTY_BYTES = 115_000_000;

/** A picture takes so long that none should wait behind one while another process is free. */
const PICTURES_AT_ONCE = 1;

export function openRenderer(
  config: RendererConfig,
  { log, onBroken }: { log: Logger; onBroken?: () => void },
): Renderer {
  const limits: RenderLimits = {
    maxInputPixels: config.maxRenderInputPixels,
    maxPixels: config.maxRenderPixels,
    maxSide: config.maxRenderSide,
    maxMemoryBytes: Math.floor(config.rendererMemoryBytes * DATA_SHARE.render) - EMPTY_BYTES,
  };
  let pool: DecoderPool<RenderWish, Rendered> | undefined;

  /** With the first picture: many workers never get one. */
  function start(): DecoderPool<RenderWish, Rendered> {
    return createDecoderPool({
      program: 'render',
      depth: PICTURES_AT_ONCE,
      size: config.renderers || availableParallelism(),
      memoryBytes: config.rendererMemoryBytes,
      timeoutMs: config.renderTimeoutMs,
      recycleAfter: config.rendererRecycleAfter,
      log,
      onBroken: onBroken ?? (() => log.error('renderers do not start')),
    });
  }

  return {
    render: async ({ body, bodyBytes, file, transform }) => {
      pool ??= start();
      const wish = { transform, limits, ...(file && { format: file.format }) };
      const { facts, bytes } = await pool.run({ wish, body, bodyBytes });
      if (bytes === undefined) throw new Error('a picture without bytes');
      return { ...facts, bytes };
    },
    pids: () => pool?.pids() ?? [],
    close: async () => pool?.close(),
  };
}
