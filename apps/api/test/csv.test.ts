import t from 'tap';
import { type Cell, csvLine } from '../src/csv.ts';

const TABLE: [what: string, cells: Cell[], line: string][] = [
  ['texts', ['a', 'b c'], 'a,b c\r\n'],
  ['nothing', [null, '', 'a'], ',,a\r\n'],
  ['numbers, negative ones too', [1, -2.5, 0], '1,-2.5,0\r\n'],
  ['a comma', ['a,b'], '"a,b"\r\n'],
  ['quotes', ['say "a"'], '"say ""a"""\r\n'],
  ['line breaks', ['a\r\nb', 'c\nd'], '"a\r\nb","c\nd"\r\n'],
  ['formulas', ['=1+1', '+1', '-1', '@a'], `"'=1+1","'+1","'-1","'@a"\r\n`],
  ['behind a tab or a line break', ['\t=1', '\r=1', '\n=1'], `"'\t=1","'\r=1","'\n=1"\r\n`],
  ['a formula with quotes', ['=HYPERLINK("x")'], `"'=HYPERLINK(""x"")"\r\n`],
  ['signs further in', ['a=1', '1-2', 'a@b'], 'a=1,1-2,a@b\r\n'],
];

for (const [what, cells, line] of TABLE) t.test(what, async (t) => t.equal(csvLine(cells), line));
