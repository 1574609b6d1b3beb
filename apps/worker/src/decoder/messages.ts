// What a worker and its decoders say to each other. To a decoder: a line of JSON, then the file's bytes. Back: a line of JSON, then the
// bytes of what was made, if something was.
import type { ErrorCode } from '@tintype/core/contract';

/** The line before a file. `Wish` is what is wanted of it: each program knows its own. */
export interface Request<Wish> {
  wish: Wish;
  /** How many bytes follow: the whole file, or as much of it as is needed. */
  bodyBytes: number;
}

/** The first line of a decoder: it has loaded all it needs. What ends it before is no image's fault. */
export const READY = '"ready"';

/** @property bodyBytes how many bytes follow the line, where any do */
export type Answer<Facts> =
  | { facts: Facts; bodyBytes?: number }
  | { error: { code: ErrorCode; message: string; detail: string } };

/** What a program makes of a file. */
export interface Found<Facts> {
  facts: Facts;
  bytes?: Buffer;
}

/** The descriptor on which a decoder answers: standard output belongs to whatever library wants to print. */
export const ANSWER_FD = 3;

const NEWLINE = 0x0a;

/** Cuts incoming chunks into lines and counted blocks of bytes. */
export class Reader {
  private chunks: Buffer[] = [];
  private length = 0;
  /** A block that is still arriving: a large file is held once, not as its chunks and then as their sum. */
  private block: Buffer | undefined;
  private filled = 0;

  push(chunk: Buffer): void {
    const taken = this.block === undefined ? 0 : chunk.copy(this.block, this.filled);
    this.filled += taken;
    if (taken === chunk.length) return;
    this.chunks.push(chunk.subarray(taken));
    this.length += chunk.length - taken;
  }

  /** The next line without its newline, once it has wholly arrived. */
  line(): string | undefined {
    const all = this.joined();
    const end = all.indexOf(NEWLINE);
    return end === -1 ? undefined : this.cut(end + 1).toString('utf8', 0, end);
  }

  /** The next `count` bytes, once they have all arrived; until then, nothing but these may be asked for. */
  bytes(count: number): Buffer | undefined {
    if (this.block === undefined) {
      if (this.length >= count) return this.cut(count);
      this.block = Buffer.allocUnsafeSlow(count);
      this.filled = this.joined().copy(this.block);
      this.chunks = [];
      this.length = 0;
    }
    if (this.filled < count) return undefined;
    const { block } = this;
    this.block = undefined;
    return block;
  }

  private joined(): Buffer {
    if (this.chunks.length !== 1) this.chunks = [Buffer.concat(this.chunks, this.length)];
    return this.chunks[0] as Buffer;
  }

  private cut(count: number): Buffer {
    const all = this.joined();
    const rest = all.subarray(count);
    this.chunks = rest.length === 0 ? [] : [rest];
    this.length = rest.length;
    return all.subarray(0, count);
  }
}
