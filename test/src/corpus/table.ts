// The table of agreement per format, in Markdown.
import type { Extractor } from './answers.ts';
import { type Measured, percent, percentOfFormat, type Score } from './score.ts';

const TITLES: Record<Extractor, string> = {
  fast: 'Tintype fast',
  full: 'Tintype full',
  sharp: 'sharp alone',
  exiftool: 'ExifTool alone',
};

/** Percent of values that agree; in brackets, of those that a tool other than ExifTool confirmed. */
export function agreementTable(measured: ReadonlyMap<Extractor, Measured>): string {
  const columns = [...measured];
  const first = columns[0]?.[1];
  if (first === undefined) return '';
  const values = valuesByFormat(first.all.score);
  const formats = Object.keys(values).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0));
  const row = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [
    row(['format', 'values', ...columns.map(([extractor]) => TITLES[extractor])]),
    row(['---', '---:', ...columns.map(() => '---:')]),
    ...formats.map((format) =>
      row([
        format,
        String(values[format]),
        ...columns.map(([, one]) => cell(one, (score) => percentOfFormat(score, format))),
      ]),
    ),
    row([
      '**all**',
      String(first.all.score.total.n),
      ...columns.map(([, one]) => cell(one, (score) => percent(score.total))),
    ]),
  ].join('\n');
}

function cell({ all, confirmed }: Measured, of: (score: Score) => number): string {
  return `${cut(of(all.score))} (${cut(of(confirmed.score))})`;
}

/** Rounded down: what is not all is never called 100. */
function cut(percentage: number): string {
  return (Math.floor(percentage * 10) / 10).toFixed(1);
}

function valuesByFormat({ formats }: Score): Record<string, number> {
  return Object.fromEntries(
    Object.entries(formats).map(([format, fields]) => [
      format,
      Object.values(fields).reduce((sum, { n }) => sum + n, 0),
    ]),
  );
}
