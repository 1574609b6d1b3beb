// What is printed: the table of all routes and principals, and a line for each proof.
import { PRINCIPALS } from './expectations.ts';
import type { Cell, MatrixResult } from './matrix.ts';
import type { ProofResult } from './proof.ts';
import { PROOFS } from './proofs.ts';
import { nameOf, type Route } from './route-table.ts';

/** Column heads are letters; the legend says whose. */
const letterOf = (index: number) => String.fromCharCode('A'.charCodeAt(0) + index);

export function matrixTable(routes: readonly Route[], { cells }: MatrixResult): string {
  const legend = PRINCIPALS.map((name, index) => `${letterOf(index)} ${name}`);
  const byRoute = new Map<string, Map<string, Cell>>();
  for (const cell of cells) {
    const row = byRoute.get(cell.route) ?? new Map<string, Cell>();
    byRoute.set(cell.route, row.set(cell.principal, cell));
  }
  const width = Math.max(...routes.map((route) => titleOf(route).length), 10);
  const head = `${'access'.padEnd(12)} ${'route'.padEnd(width)} ${PRINCIPALS.map((_, index) => ` ${letterOf(index)}  `).join('')}`;
  const rows = routes.flatMap((route) => {
    const row = byRoute.get(nameOf(route));
    if (row === undefined) return [];
    const statuses = PRINCIPALS.map((principal) => statusOf(row.get(principal)));
    return [`${(route.access ?? '?').padEnd(12)} ${titleOf(route).padEnd(width)} ${statuses.join('')}`];
  });
  return [...inColumns(legend), '', head, ...rows].join('\n');
}

const titleOf = ({ method, url }: Route) => `${method} ${url}`;

/** An unexpected one is marked. */
function statusOf(cell: Cell | undefined): string {
  if (cell === undefined) return '  – ';
  return `${String(cell.status || '???')}${cell.holds ? ' ' : '!'}`;
}

function inColumns(texts: readonly string[]): string[] {
  const perColumn = Math.ceil(texts.length / 3);
  return Array.from({ length: perColumn }, (_, row) =>
    [0, 1, 2]
      .map((column) => (texts[column * perColumn + row] ?? '').padEnd(38))
      .join('')
      .trimEnd(),
  );
}

export function unexpected({ cells }: MatrixResult): string[] {
  return cells
    .filter(({ holds }) => !holds)
    .map(
      ({ route, principal, expected, status, code }) =>
        `${route} as ${principal}: ${status}${code === undefined ? '' : ` ${code}`} instead of ${expected}`,
    );
}

const MOST_FAILURES = 12;

export function atMost(lines: readonly string[], most: number): string[] {
  return lines.length <= most ? [...lines] : [...lines.slice(0, most), `and ${lines.length - most} more`];
}

export function proofLine({ name, figure, failures }: ProofResult): string {
  const lines = [`${failures.length === 0 ? 'ok    ' : 'FAILED'} ${name}: ${figure}`];
  return [...lines, ...atMost(failures, MOST_FAILURES).map((failure) => `         ${failure}`)].join('\n');
}

/** Every name that can be asked for. */
export function listing(routes: readonly Route[]): string {
  const ofRoutes = routes.map((route) => [route.access ?? '?', nameOf(route), titleOf(route)] as const);
  const ofProofs = PROOFS.map(({ name, says }) => ['proof', name, says] as const);
  const lines = [...ofRoutes, ...ofProofs];
  return lines.map(([kind, name, text]) => `${kind.padEnd(12)} ${name.padEnd(34)} ${text}`).join('\n');
}
