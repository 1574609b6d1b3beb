// The table of all options, as docs/deploy-aws.md has it between two marks. `node infra/pulumi/dist/src/options-table.js` writes it there.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { OPTIONS, type Option } from './options.ts';

export const GUIDE = path.resolve(import.meta.dirname, '../../../../docs/deploy-aws.md');

const BEGIN = '<!-- options: written by infra/pulumi/dist/src/options-table.js -->';
const END = '<!-- end of options -->';

/** The guide with the table as it must be. @throws Error for a text without the marks */
export function withTable(guide: string): string {
  const [before, rest] = guide.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error(`docs/deploy-aws.md lacks ${BEGIN} or ${END}`);
  return `${before}${BEGIN}\n${table()}\n${END}${after}`;
}

function table(): string {
  const rows = Object.entries<Option>(OPTIONS).map(([name, option]) =>
    [`\`${name}\``, told(option.small), told(option.prod), `${option.help}${limits(option)}`].join(' | '),
  );
  return ['| option | small | prod | |', '|---|---|---|---|', ...rows.map((row) => `| ${row} |`)].join('\n');
}

function told(value: string | number | boolean | undefined): string {
  return value === undefined ? '' : `\`${value}\``;
}

function limits(option: Option): string {
  if (option.kind === 'number') return ` ${option.min} to ${option.max}.`;
  if (option.kind === 'choice') return ` ${option.of.map((one) => `\`${one}\``).join(', ')}.`;
  return '';
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  writeFileSync(GUIDE, withTable(readFileSync(GUIDE, 'utf8')));
