// A document as a person would read it: a line a fact, only what is known, the odd things last.
import { styleText } from 'node:util';
import type { Metadata } from '@tintype/core';
import { shown } from '../shown.ts';
import type { FileAnswer } from './inspect-file.ts';

const LABEL_COLUMNS = 14;

export function summarize(answer: FileAnswer): string {
  const title = styleText('bold', shown(answer.file));
  if ('error' in answer) return `${title}\n  ${styleText('red', shown(answer.error))}`;
  const rows = rowsOf(answer.metadata).filter(
    (row): row is [string, string] => row[1] !== undefined && row[1] !== '',
  );
  const lines = rows.map(
    ([label, value]) => `  ${styleText('dim', label.padEnd(LABEL_COLUMNS))}${shown(value)}`,
  );
  const warnings = answer.metadata.warnings.map(
    ({ code, message }) => `  ${styleText('yellow', code.padEnd(LABEL_COLUMNS))} ${shown(message)}`,
  );
  return [title, ...lines, ...warnings].join('\n');
}

function rowsOf(document: Metadata): [label: string, value: string | undefined][] {
  const { file, image, encoding, compression, color, icc, animation, exif, gps, hashes } = document;
  return [
    ['type', words(file.format, file.formatVersion, `(${file.mimeType})`)],
    ['size', words(count(file.bytes), 'bytes')],
    ['pixels', pixelsOf(image)],
    ['samples', samplesOf(document)],
    ['density', image.density && `${image.density.x} × ${image.density.y} px/in (${image.density.source})`],
    [
      'encoding',
      words(
        encoding.codec,
        encoding.process,
        encoding.profile,
        encoding.chromaSubsampling,
        qualityOf(encoding),
      ),
    ],
    ['compression', words(compression.method, losslessOf(compression), ratioOf(compression))],
    ['colour', words(color.model, color.space, color.transfer, icc?.description && `“${icc.description}”`)],
    ['animation', animation === null ? undefined : animationOf(animation)],
    ['camera', words(exif?.make, exif?.model, exif?.lensModel)],
    ['exposure', exposureOf(exif)],
    ['taken', exif?.takenAt],
    ['place', gps?.latitude === undefined ? undefined : `${gps.latitude}, ${gps.longitude}`],
    ['carries', carriedBy(document)],
    ['generator', document.provenance.generator],
    ['colours', document.palette?.join(' ')],
    ['phash', hashes.phash],
    ['sha256', hashes.sha256],
  ];
}

function words(...parts: (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' ');
}

function count(value: number): string {
  return value.toLocaleString('en');
}

function pixelsOf({
  width,
  height,
  storedWidth,
  storedHeight,
  orientation,
  pages,
}: Metadata['image']): string | undefined {
  if (width === undefined) return undefined;
  const stored = width === storedWidth ? undefined : `stored ${storedWidth} × ${storedHeight}`;
  const turned = orientation === undefined || orientation === 1 ? undefined : `orientation ${orientation}`;
  const many = pages === undefined || pages < 2 ? undefined : `${pages} pages`;
  return [`${width} × ${height}`, stored, turned, many].filter((part) => part !== undefined).join(', ');
}

function samplesOf({ image: { bitDepth, channels, hasAlpha, isOpaque } }: Metadata): string {
  const alpha = hasAlpha === true ? (isOpaque === true ? 'alpha, all opaque' : 'alpha') : undefined;
  const parts = [bitDepth && `${bitDepth} bit`, channels && `${channels} channels`, alpha];
  return parts.filter(Boolean).join(', ');
}

function qualityOf({ qualityEstimate }: Metadata['encoding']): string | undefined {
  return qualityEstimate === undefined ? undefined : `quality ≈ ${qualityEstimate}`;
}

function losslessOf({ lossless }: Metadata['compression']): string | undefined {
  return lossless === undefined ? undefined : lossless ? 'lossless' : 'lossy';
}

function ratioOf({ ratio }: Metadata['compression']): string | undefined {
  return ratio === undefined ? undefined : `${ratio} : 1`;
}

function animationOf({ frames, durationMs, loopCount }: NonNullable<Metadata['animation']>): string {
  const loops = loopCount === undefined ? undefined : loopCount === 0 ? 'for ever' : `${loopCount} times`;
  return [`${frames} frames`, durationMs === undefined ? undefined : `${durationMs} ms`, loops]
    .filter((part) => part !== undefined)
    .join(', ');
}

function exposureOf(exif: Metadata['exif']): string {
  const { exposureTimeSeconds: seconds, fNumber, iso, focalLengthMm } = exif ?? {};
  const time =
    seconds === undefined || seconds <= 0
      ? undefined
      : seconds < 1
        ? `1/${Math.round(1 / seconds)} s`
        : `${seconds} s`;
  return words(
    time,
    fNumber === undefined ? undefined : `f/${fNumber}`,
    iso === undefined ? undefined : `ISO ${iso}`,
    focalLengthMm === undefined ? undefined : `${focalLengthMm} mm`,
  );
}

function carriedBy({ has, provenance }: Metadata): string {
  const carried = Object.entries(has).flatMap(([name, there]) => (there ? [name] : []));
  return [...carried, ...(provenance.c2pa ? ['content credentials'] : [])].join(', ');
}
