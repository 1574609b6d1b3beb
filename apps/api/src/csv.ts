// Tables as text: CSV as RFC 4180 writes it, harmless for whoever opens it in a spreadsheet. Knows nothing of what is in them.

export type Cell = string | number | null;

/** Spreadsheets take what begins so for a formula, and run it. */
const FORMULA = /^[=+\-@\t\r\n]/;
const NEEDS_QUOTES = /[",\r\n']/;

/**
 * One line with its end. Nothing is an empty cell. A text that begins like a formula gets an apostrophe before it, which spreadsheets
 * read as "this is text": who reads it by a program takes it off again. Numbers stay as they are.
 */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
