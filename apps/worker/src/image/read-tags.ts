// All blocks of tags of a file, each by its own reader: a block that can't be read loses no other.
import type { Metadata, MetadataWarning } from '@tintype/core/contract';
import type { Blocks, Header } from './header.ts';
import { type ExifReading, readExif } from './tags/exif.ts';
import { type IccReading, readIcc } from './tags/icc.ts';
import { type IptcReading, readIptc } from './tags/iptc.ts';
import { type PhotoshopReading, readPhotoshop } from './tags/photoshop.ts';
import { readXmp, type XmpReading } from './tags/xmp.ts';

type State = Metadata['sections']['exif'];

export interface TagReading {
  exif: ExifReading;
  iptc: IptcReading;
  xmp: XmpReading;
  icc: IccReading;
  photoshop: PhotoshopReading;
  states: { exif: State; iptc: State; xmp: State; icc: State };
  warnings: MetadataWarning[];
}

const NOTHING = { exif: null, gps: null, iptc: null, xmp: null, icc: null, warnings: [] };

export function readTags({ blocks }: Header): TagReading {
  const warnings: MetadataWarning[] = [];

  function read<Block, Reading extends { warnings: MetadataWarning[] }>(
    name: string,
    block: Block | undefined,
    reader: (block: Block) => Reading,
  ): [reading: Reading, failed: boolean] {
    if (block === undefined) return [NOTHING as never, false];
    try {
      const reading = reader(block);
      warnings.push(...reading.warnings);
      return [reading, false];
    } catch (error) {
      const message = `This part can not be read: ${(error as Error).message}`;
      warnings.push({ code: 'TAGS_UNREADABLE', message, field: name });
      return [NOTHING as never, true];
    }
  }

  const [photoshop] = read('iptc', blocks.photoshop, readPhotoshop);
  const all = withPhotoshop(blocks, photoshop);
  const [exif, exifFailed] = read('exif', all.exif, (block) => readExif(block, blocks.exifParts));
  const [iptc, iptcFailed] = read('iptc', all.iptc, readIptc);
  const [xmp, xmpFailed] = read('xmp', all.xmp, readXmp);
  const [icc, iccFailed] = read('icc', all.icc, readIcc);
  const states = {
    exif: stateOf(exif.exif, exifFailed),
    iptc: stateOf(iptc.iptc, iptcFailed),
    xmp: stateOf(xmp.xmp, xmpFailed),
    icc: stateOf(icc.icc, iccFailed),
  };
  return { exif, iptc, xmp, icc, photoshop, states, warnings };
}

/** Blocks of the file's own come before those that Photoshop packed away. */
function withPhotoshop(blocks: Blocks, { exif, iptc, icc, xmp }: PhotoshopReading): Blocks {
  return {
    ...(exif && { exif }),
    ...(iptc && { iptc }),
    ...(icc && { icc }),
    ...(xmp && { xmp: [xmp] }),
    ...blocks,
  };
}

function stateOf(section: object | null, failed: boolean): State {
  if (failed) return 'failed';
  return section === null ? 'absent' : 'ok';
}
