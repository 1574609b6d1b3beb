// What the load generator is asked for and what it answers: messages between processes, data only.

interface UploadTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The JPEG files to upload, in turn. */
  readonly images: readonly string[];
}

/** `concurrency` clients, each sending its next upload as soon as the last one is answered, until `count` are accepted. */
export interface ClosedOrder extends UploadTarget {
  readonly kind: 'closed';
  readonly concurrency: number;
  readonly count: number;
}

/** One upload every 1/`ratePerSecond` s, whether or not the last one is done; each is followed until its job is. */
export interface PacedOrder extends UploadTarget {
  readonly kind: 'paced';
  readonly ratePerSecond: number;
  readonly count: number;
}

/** `concurrency` clients, each asking for the next of `paths` as soon as it has been answered, `count` times in all. */
export interface GetOrder {
  readonly kind: 'get';
  readonly origin: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly paths: readonly string[];
  readonly concurrency: number;
  readonly count: number;
}

export type LoadOrder = ClosedOrder | PacedOrder | GetOrder;

export interface LoadReport {
  readonly accepted: number;
  /** Answers other than 202 (of a GET: 200), by status; `error` for connections that broke. */
  readonly refused: Readonly<Record<string, number>>;
  /** Unix time in milliseconds of the first byte sent, and of the last answer. */
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export const uploadPart = 'image';
