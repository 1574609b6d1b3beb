// Where a TIFF keeps the blocks of tags that other readers read.
import type { Blocks } from '../../header.ts';
import { bytesOf, type Ifd, type Tiff } from '../../tags/ifd.ts';

/** XMP specification part 3, 1.1.4. */
const XMP = 0x02bc;
/** IPTC-NAA. */
const IPTC = 0x83bb;
const PHOTOSHOP = 0x8649;
/** ICC.1:2022, annex B.4. */
const ICC = 0x8773;
/** C2PA 2.1, A.3.5; DNG 1.7: JUMBF. */
const C2PA = 0xcd41;

/** From the first of the directories that has it. The whole file is what EXIF is read from. */
export function blocksOf(tiff: Tiff, ifds: readonly Ifd[]): Blocks {
  const block = (tag: number) => {
    const holder = ifds.find((ifd) => ifd.entries.has(tag));
    return holder === undefined ? undefined : bytesOf(tiff, holder, tag);
  };
  const [xmp, iptc, photoshop, icc, c2pa] = [XMP, IPTC, PHOTOSHOP, ICC, C2PA].map(block);
  return {
    exif: tiff.bytes.all,
    ...(xmp === undefined ? {} : { xmp: [xmp] }),
    ...(iptc === undefined ? {} : { iptc }),
    ...(photoshop === undefined ? {} : { photoshop }),
    ...(icc === undefined ? {} : { icc }),
    ...(c2pa === undefined ? {} : { c2pa }),
  };
}
