// av1C: profile, level, depth and subsampling of AV1 (AV1 Codec ISO Media File Format Binding, 2.3).
import type { Bytes } from '../../bytes.ts';
import { type Box, fieldsOf } from '../boxes.ts';
import { AV1_PROFILES, av1Chroma, av1Level, readAv1SequenceHeader } from './av1-sequence-header.ts';
import { type Coding, channelsOf, unlessCut } from './heif-coding.ts';

/**
 * @param box undefined where the picture has none, though it must: its own header tells the same
 * @param head the first bytes of the picture; asked for only where the box does not hold the sequence header
 * @param wantsHeader whether size or colour, which the container may tell as well, are still to be found
 */
export function readAv1(
  bytes: Bytes,
  box: Box | undefined,
  head: () => Uint8Array,
  wantsHeader: boolean,
): Coding {
  if (box === undefined) return readAv1SequenceHeader(head()) ?? {};
  const fields = fieldsOf(bytes, box);
  fields.skip(1); // marker and version
  const profileAndLevel = fields.u8();
  const flags = fields.u8();
  fields.skip(1); // initial presentation delay
  const profile = profileAndLevel >> 5;
  const chromaSubsampling = av1Chroma((flags & 0x10) !== 0, (flags & 0x08) !== 0, (flags & 0x04) !== 0);
  const coding: Coding = {
    profile: AV1_PROFILES[profile],
    level: av1Level(profileAndLevel & 0x1f),
    bitDepth: (flags & 0x40) === 0 ? 8 : profile === 2 && (flags & 0x20) !== 0 ? 12 : 10,
    chromaSubsampling,
    channels: channelsOf(chromaSubsampling),
  };
  if (!wantsHeader) return coding;
  const inBox = bytes.slice(fields.at, fields.end - fields.at);
  const header = unlessCut(() => readAv1SequenceHeader(inBox) ?? readAv1SequenceHeader(head()));
  return { ...header, ...coding, contradiction: header && contradictionOf(coding, header) };
}

/** The box is to repeat the sequence header (2.3.4), and some programs filled it with something else. */
function contradictionOf(box: Coding, header: Coding): string | undefined {
  const told = `${box.bitDepth} bit ${box.chromaSubsampling}`;
  const coded = `${header.bitDepth} bit ${header.chromaSubsampling}`;
  return told === coded ? undefined : `The configuration says ${told}, the stream ${coded}.`;
}
