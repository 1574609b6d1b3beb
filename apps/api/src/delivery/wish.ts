// What somebody wants of a source, in its one writing and with the name that equal wishes share.
import {
  type Accepted,
  type CanonicalTransform,
  canonicalTransform,
  derivativeDigest,
  type Transform,
} from '@tintype/core';
import type { Source } from './source.ts';

export interface Wish {
  source: Source;
  transform: CanonicalTransform;
  /** Of the source's version and of the transform. */
  digestHex: string;
}

export function wishOf(source: Source, transform: Transform, accepted?: Accepted): Wish {
  const { sourceKey, version } = source;
  const canonical = canonicalTransform(transform, accepted);
  return {
    source,
    transform: canonical,
    digestHex: derivativeDigest({ sourceKey, version, transform: canonical }),
  };
}

/** Sources are kept for a moment, and so is what is wanted of them: a kilobyte or two each, of all sources together. */
const MOST_WISHES = 20_000;
const MOST_ADDRESS_CHARACTERS = 1000;
let known = new WeakMap<Source, Map<string, Wish>>();
let wishesKept = 0;

/** The same as `make` answers, made once for a source as long as that is kept. @param address where it is asked for, with its query */
export function rememberWish(source: Source, address: string, make: () => Wish): Wish {
  const remembered = known.get(source)?.get(address);
  if (remembered !== undefined) return remembered;
  const wish = make();
  // One thing can be written in many ways.
  if (address.length > MOST_ADDRESS_CHARACTERS) return wish;
  if (wishesKept >= MOST_WISHES) {
    known = new WeakMap();
    wishesKept = 0;
  }
  const wishes = known.get(source) ?? new Map<string, Wish>();
  known.set(source, wishes.set(address, wish));
  wishesKept += 1;
  return wish;
}
