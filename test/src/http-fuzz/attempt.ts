// One request that is to be made, as plain data: tokens still stand for what only the running service knows.
import type { WireTwist } from './wire.ts';

export interface Body {
  bytes: Buffer;
  /** What the request says that it is; undefined: nothing. */
  type: string | undefined;
}

/** Who asks. `nobody` shows nothing, or what is worth nothing; `unclear` shows several things. */
export const WHO = [
  'owner',
  'other',
  'admin',
  'person',
  'personkey',
  'narrow',
  'limited',
  'throwaway',
  'keyholder',
  'nobody',
  'unclear',
] as const;
export type Who = (typeof WHO)[number];

export type Header = readonly [name: string, value: string];

export interface Attempt {
  /** Of the operation whose share this is. */
  operationId: string;
  who: Who;
  method: string;
  /** Path and query, as they go over the wire. */
  target: string;
  headers: readonly Header[];
  body: Buffer | undefined;
  wire: WireTwist;
  /** The path or the method was bent: there may be no such operation. */
  isBent: boolean;
}
