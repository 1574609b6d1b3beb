// Which directories a TIFF has: its pages, and what hangs on them.
import {
  type Ifd,
  type IfdWalk,
  numberOf,
  numbersOf,
  readIfd,
  startWalk,
  type Tiff,
} from '../../tags/ifd.ts';
import { TAG } from '../../tags/tag-numbers.ts';

export interface Directories {
  /** IFD0 and whatever follows it: the pages of an ordinary TIFF. Never empty. */
  chain: readonly [Ifd, ...Ifd[]];
  /** What tag 330 points to: smaller versions of a page, or a raw file's pictures. */
  subs: readonly Ifd[];
  /** Exif, GPS and others without a picture. */
  others: readonly Ifd[];
  /** The last page is followed by an earlier one. */
  loops: boolean;
  walk: IfdWalk;
}

const POINTERS: readonly number[] = [TAG.EXIF_IFD, TAG.GPS_IFD, TAG.INTEROPERABILITY_IFD];
/** Of one page: pyramids have some ten. */
const MAX_SUB_IFDS = 64;

/** Undefined without a first directory. */
export function readDirectories(tiff: Tiff): Directories | undefined {
  const walk = startWalk(tiff);
  const first = readIfd(walk, tiff.firstIfd);
  if (first === undefined) return undefined;
  const chain: [Ifd, ...Ifd[]] = [first, ...following(walk, first)];
  const lastNext = chain.at(-1)?.next ?? 0;
  const loops = chain.some(({ at }) => at === lastNext);
  const subs = chain.flatMap((ifd) => subsOf(walk, ifd));
  const others = [...chain, ...subs].flatMap((ifd) => pointedTo(walk, ifd));
  others.push(...others.flatMap((ifd) => pointedTo(walk, ifd)));
  return { chain, subs, others, loops, walk };
}

/** A directory without one entry that can be read is no page: the offset was none. */
function following(walk: IfdWalk, ifd: Ifd): Ifd[] {
  const found: Ifd[] = [];
  let next = ifd.next === 0 ? undefined : readIfd(walk, ifd.next);
  while (next !== undefined && next.entries.size > 0) {
    found.push(next);
    next = next.next === 0 ? undefined : readIfd(walk, next.next);
  }
  return found;
}

function subsOf(walk: IfdWalk, ifd: Ifd): Ifd[] {
  return numbersOf(walk.tiff, ifd, TAG.SUB_IFDS, MAX_SUB_IFDS).flatMap((at) => {
    const sub = at === undefined || at === 0 ? undefined : readIfd(walk, at);
    return sub === undefined ? [] : [sub, ...following(walk, sub)];
  });
}

function pointedTo(walk: IfdWalk, ifd: Ifd): Ifd[] {
  return POINTERS.flatMap((tag) => {
    const at = numberOf(walk.tiff, ifd, tag);
    const other = at === undefined ? undefined : readIfd(walk, at);
    return other === undefined ? [] : [other];
  });
}
