// What is fuzzed: the reader of every format, and the readers of every kind of tags. Each takes bytes and must end, whatever they are.
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export interface Target {
  run: (bytes: Uint8Array) => unknown;
  /** Errors that a reader may end with. */
  isExpected: (error: unknown) => boolean;
}

const TAG_READERS: Record<string, { file: string; name: string }> = {
  exif: { file: 'tags/exif.js', name: 'readExif' },
  iptc: { file: 'tags/iptc.js', name: 'readIptc' },
  photoshop: { file: 'tags/photoshop.js', name: 'readPhotoshop' },
  icc: { file: 'tags/icc.js', name: 'readIcc' },
  xmp: { file: 'tags/xmp.js', name: 'readXmp' },
};

type Reader = (bytes: unknown, header?: unknown) => unknown;

const load = async (folder: string, file: string): Promise<Record<string, unknown>> =>
  import(pathToFileURL(path.join(folder, 'image', file)).href);

/** @param folder holds `image`, as instrumented or as compiled */
export async function targetNames(folder: string): Promise<string[]> {
  const { HEADER_READERS } = await load(folder, 'read-header.js');
  const readers = HEADER_READERS as Record<string, Reader>;
  // Formats that share a reader share its fuzzing.
  const formats = Object.keys(readers).filter(
    (format, index, all) => all.findIndex((other) => readers[other] === readers[format]) === index,
  );
  return [...formats, ...Object.keys(TAG_READERS)];
}

export async function loadTarget(folder: string, name: string): Promise<Target> {
  const { Bytes, EndOfBytes } = (await load(folder, 'bytes.js')) as {
    Bytes: new (bytes: Uint8Array) => unknown;
    EndOfBytes: new () => Error;
  };
  // A reader may find the file too short, or say in a plain Error why it is none; all else is a mistake of the reader's.
  const isExpected = (error: unknown) =>
    error instanceof EndOfBytes ||
    (error instanceof Error && Object.getPrototypeOf(error) === Error.prototype);
  const tags = TAG_READERS[name];
  if (tags !== undefined) {
    const read = (await load(folder, tags.file))[tags.name] as Reader;
    return { run: (bytes) => read(name === 'xmp' ? [bytes] : bytes), isExpected };
  }
  const { HEADER_READERS } = await load(folder, 'read-header.js');
  const { emptyHeader } = (await load(folder, 'header.js')) as { emptyHeader: () => unknown };
  const read = (HEADER_READERS as Record<string, Reader>)[name];
  if (read === undefined) throw new Error(`There is no reader "${name}".`);
  return { run: (bytes) => read(new Bytes(bytes), emptyHeader()), isExpected };
}
