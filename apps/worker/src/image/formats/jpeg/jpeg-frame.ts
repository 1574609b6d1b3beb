// What a JPEG's frame header says: size, samples, coding process, sampling of the colours (ITU-T T.81, B.2.2; T.87, C.2.2).
import type { Bytes } from '../../bytes.ts';
import { subsamplingWord } from '../subsampling.ts';

export interface Component {
  id: number;
  horizontal: number;
  vertical: number;
  /** Destination of its quantization table, 0 to 3. */
  table: number;
}

export interface Frame {
  /** Second byte of the SOF marker, which tells the coding process. */
  code: number;
  bitDepth: number;
  /** 0: a DNL segment behind the first scan tells it (T.81, B.2.5). */
  height: number;
  width: number;
  channels: number;
  components: Component[];
}

const JPEG_LS = 0xf7;
/** Processes by the second byte of the SOF marker (T.81, table B.1). */
const PROCESSES: Readonly<Record<number, string>> = {
  192: 'baseline',
  193: 'extended-sequential',
  194: 'progressive',
  195: 'lossless',
  197: 'hierarchical',
  198: 'hierarchical',
  199: 'hierarchical',
  201: 'extended-sequential-arithmetic',
  202: 'progressive-arithmetic',
  203: 'lossless-arithmetic',
  205: 'hierarchical-arithmetic',
  206: 'hierarchical-arithmetic',
  207: 'hierarchical-arithmetic',
};

/** SOF0 to SOF15, from which DHT, JPG and DAC take three codes, and JPEG-LS. */
export function isFrame(code: number): boolean {
  return code in PROCESSES || code === JPEG_LS;
}

export function isJpegLs(frame: Frame): boolean {
  return frame.code === JPEG_LS;
}

/** Lossless processes: SOF3, 7, 11 and 15. JPEG-LS decides scan by scan. */
export function isLosslessProcess(frame: Frame): boolean {
  return !isJpegLs(frame) && (frame.code & 3) === 3;
}

export function isProgressive(frame: Frame): boolean {
  return !isJpegLs(frame) && (frame.code & 3) === 2;
}

/** @throws EndOfBytes when the segment is shorter than its components */
export function readFrame(segment: Bytes, code: number): Frame {
  const channels = segment.u8(5);
  const components: Component[] = [];
  for (let at = 6; components.length < channels; at += 3) {
    const sampling = segment.u8(at + 1);
    components.push({
      id: segment.u8(at),
      horizontal: sampling >> 4,
      vertical: sampling & 15,
      table: segment.u8(at + 2) & 3,
    });
  }
  return {
    code,
    bitDepth: segment.u8(0),
    height: segment.u16(1),
    width: segment.u16(3),
    channels,
    components,
  };
}

/** @param isHierarchical a DHP segment announced several frames (T.81, B.3.2) */
export function processOf(frame: Frame, isHierarchical: boolean): string | undefined {
  if (!isHierarchical) return PROCESSES[frame.code];
  return frame.code > 0xc8 ? 'hierarchical-arithmetic' : 'hierarchical';
}

/** Undefined for gray, and where the notation has no word: two colours sampled in different ways, or 3 to 2. */
export function subsamplingOf({ components: [first, second, third] }: Frame): string | undefined {
  if (first === undefined || second === undefined || third === undefined) return undefined;
  if (second.horizontal !== third.horizontal || second.vertical !== third.vertical) return undefined;
  return subsamplingWord(first.horizontal / second.horizontal, first.vertical / second.vertical);
}

export interface ColorMarks {
  hasJfif: boolean;
  /** Of the Adobe segment: 0 none, 1 YCbCr, 2 YCCK (Adobe technical note 5116, 18). */
  adobeTransform?: number | undefined;
}

/** Decides as libjpeg does, since T.81 leaves the meaning of components open: JFIF first, then Adobe, then the components' names. */
export function modelOf(frame: Frame, { hasJfif, adobeTransform }: ColorMarks): string | undefined {
  if (frame.channels === 1) return 'gray';
  if (frame.channels === 4) return adobeTransform === undefined || adobeTransform === 0 ? 'cmyk' : 'ycck';
  if (frame.channels !== 3) return undefined;
  if (hasJfif) return 'ycbcr';
  if (adobeTransform !== undefined) return adobeTransform === 0 ? 'rgb' : 'ycbcr';
  const isNamedRgb = frame.components.map(({ id }) => String.fromCharCode(id)).join('') === 'RGB';
  // Lossless processes are no use on converted colours, which do not come back exactly.
  return isNamedRgb || isJpegLs(frame) || isLosslessProcess(frame) ? 'rgb' : 'ycbcr';
}
