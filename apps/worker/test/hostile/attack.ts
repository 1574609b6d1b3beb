// What one hostile file is: its bytes, made when they are needed, and the format that it passes for.
import type { ImageFormat } from '@tintype/core/contract';

export interface Attack {
  name: string;
  /** What the door takes it for. */
  format: ImageFormat;
  make: () => Buffer | Promise<Buffer>;
  /** Small, and asks for very much: it may take longer than other files. */
  isBomb?: boolean;
}

/** Name, bytes; a bomb where it is said. */
export type Row = readonly [name: string, make: Attack['make'], bomb?: 'bomb'];

export function attacksOn(format: ImageFormat, rows: readonly Row[]): Attack[] {
  return rows.map(([name, make, bomb]) => ({
    name: `${format}: ${name}`,
    format,
    make,
    isBomb: bomb === 'bomb',
  }));
}

/** The same bytes again and again. */
export function repeated(bytes: Uint8Array, count: number): Buffer {
  return Buffer.alloc(bytes.length * count, bytes);
}

/** As many parts, each different. */
export function many(count: number, part: (index: number) => Uint8Array): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, index) => part(index)));
}
