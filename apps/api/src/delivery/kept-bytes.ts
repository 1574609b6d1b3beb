// Bytes of pictures that were delivered a moment ago, within a budget; those that were asked for longest ago go first.
import type { OfImage } from './kept.ts';

export interface KeptBytes {
  get(objectKey: string): Buffer | undefined;
  put(objectKey: string, picture: OfImage & { bytes: Buffer }): void;
  forget(imageIds: ReadonlySet<string>): void;
  /** Of a picture that is worth keeping. */
  readonly mostBytes: number;
}

/** No picture takes the room of all others. */
const SHARE = 1 / 16;

export function createKeptBytes(budgetBytes: number): KeptBytes {
  const pictures = new Map<string, OfImage & { bytes: Buffer }>();
  const mostBytes = Math.floor(budgetBytes * SHARE);
  let usedBytes = 0;

  function remove(objectKey: string): void {
    usedBytes -= pictures.get(objectKey)?.bytes.byteLength ?? 0;
    pictures.delete(objectKey);
  }

  return {
    mostBytes,
    get: (objectKey) => {
      const found = pictures.get(objectKey);
      if (found === undefined) return undefined;
      // The last in order is the last that was asked for.
      pictures.delete(objectKey);
      pictures.set(objectKey, found);
      return found.bytes;
    },
    put: (objectKey, picture) => {
      if (picture.bytes.byteLength > mostBytes) return;
      remove(objectKey);
      pictures.set(objectKey, picture);
      usedBytes += picture.bytes.byteLength;
      for (const [oldest] of pictures) {
        if (usedBytes <= budgetBytes) return;
        remove(oldest);
      }
    },
    forget: (imageIds) => {
      for (const [objectKey, { imageId }] of pictures)
        if (imageId !== null && imageIds.has(imageId)) remove(objectKey);
    },
  };
}
