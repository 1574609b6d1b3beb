// How the memory of one worker task is shared out between the processes in it, so that no picture can end the task. Knows no resource.

/** Of the worker itself, its uploads and one ExifTool, in bytes. */
const MAIN_BYTES = 512 * 2 ** 20;

/** What a decoder holds beside the file, in bytes: MAX_DECODED_BYTES, less the 100 MB file that it allows for, and some. */
const DECODER_SPARE_BYTES = 150_000_000;
/** Of a decoder's address space, what can be filled; see DECODER_MEMORY_BYTES. */
const DECODER_FILLED = 2 / 13;
const DECODER_BYTES = 1_610_612_736;

const RENDERER_FILLED = 1 / 3;
const RENDERER_BYTES = 2_147_483_648;

export interface WorkerMemory {
  decoders: number;
  decoderMemoryBytes: number;
  renderers: number;
  rendererMemoryBytes: number;
}

/** @throws Error where not even one decoder and one renderer fit. */
export function shareMemory({
  cpu,
  memoryMib,
  maxUploadBytes,
}: {
  /** 1024 are one core. */
  cpu: number;
  memoryMib: number;
  maxUploadBytes: number;
}): WorkerMemory {
  const cores = Math.max(1, Math.ceil(cpu / 1024));
  const decoderMemoryBytes = Math.max(
    DECODER_BYTES,
    Math.ceil((maxUploadBytes + DECODER_SPARE_BYTES) / DECODER_FILLED),
  );
  const decoderBytes = decoderMemoryBytes * DECODER_FILLED;
  const rendererBytes = RENDERER_BYTES * RENDERER_FILLED;
  const free = memoryMib * 2 ** 20 - MAIN_BYTES;
  const decoders = Math.min(cores, Math.floor((free - rendererBytes) / decoderBytes));
  if (decoders < 1) {
    const needed = Math.ceil((MAIN_BYTES + decoderBytes + rendererBytes) / 2 ** 20);
    throw new Error(`workerMemoryMib: files of maxUploadBytes need ${needed} at least.`);
  }
  const renderers = Math.min(cores, Math.floor((free - decoders * decoderBytes) / rendererBytes));
  return { decoders, decoderMemoryBytes, renderers, rendererMemoryBytes: RENDERER_BYTES };
}
