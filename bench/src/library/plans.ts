// What PostgreSQL really did for a statement: reads the plans that auto_explain writes to the server's log, and makes a line of each.
// Knows no statement.

export interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows'?: number;
  'Actual Loops'?: number;
  'Parent Relationship'?: string;
  Plans?: PlanNode[];
}

export interface Plan {
  'Query Text': string;
  Plan: PlanNode;
}

/** Sets auto_explain up for all later sessions of a database. */
export const EXPLAIN_SETTINGS = [
  "session_preload_libraries = 'auto_explain'",
  'auto_explain.log_min_duration = 0',
  "auto_explain.log_format = 'json'",
  'auto_explain.log_analyze = on',
  'auto_explain.log_timing = off',
  'auto_explain.log_nested_statements = on',
];

const BEGINS = /LOG: {2}duration: [\d.]+ ms {2}plan:$/;

/** Hears the lines of a log and keeps the plans in it, oldest first. */
export function keepPlans(): { hear: (line: string) => void; plans: Plan[] } {
  const plans: Plan[] = [];
  let gathered: string[] | undefined;
  return {
    plans,
    hear: (line) => {
      if (BEGINS.test(line)) {
        gathered = [];
        return;
      }
      if (gathered === undefined) return;
      // What continues an entry of the log is indented by a tab.
      if (!line.startsWith('\t')) {
        gathered = undefined;
        return;
      }
      gathered.push(line);
      if (line !== '\t}') return;
      plans.push(JSON.parse(gathered.join('\n')) as Plan);
      gathered = undefined;
    },
  };
}

/** Every node of a plan, the outermost first. */
export function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

/** The tables that it reads from one end to the other, and the indexes of which it takes `wholeRows` and more: all that a tenant has. */
export function scanned({ Plan }: Plan, wholeRows: number): string[] {
  return nodesOf(Plan)
    .filter((node) => /Seq Scan$/.test(node['Node Type']) || (isOfIndex(node) && rowsIn(node) >= wholeRows))
    .map((node) => node['Index Name'] ?? node['Relation Name'] ?? '');
}

function isOfIndex(node: PlanNode): boolean {
  return node['Index Name'] !== undefined;
}

/** Of all its loops. */
function rowsIn(node: PlanNode): number {
  return Math.round((node['Actual Rows'] ?? 0) * (node['Actual Loops'] ?? 1));
}

/** What says nothing about where rows are found. */
const PASSED_OVER = new Set(['Limit', 'Result', 'Subquery Scan', 'CTE Scan', 'Hash', 'Gather', 'LockRows']);

/** One line: Sort ← Nested Loop(Index Scan images_pkey ×51, …). Numbers are rows that came of it. */
export function compactPlan({ Plan }: Plan): string {
  return line(Plan);
}

function line(node: PlanNode): string {
  const below = (node.Plans ?? []).map(line).filter((text) => text !== '');
  if (PASSED_OVER.has(node['Node Type'])) return below.join(', ');
  const name = [node['Node Type'], node['Index Name'] ?? node['Relation Name'], rowsOf(node)];
  const self = name.filter((part) => part !== undefined && part !== '').join(' ');
  if (below.length === 0) return self;
  return below.length === 1 ? `${self} ← ${below[0]}` : `${self}(${below.join(', ')})`;
}

/** Of joins and sorts the rows below tell as much. */
function rowsOf(node: PlanNode): string {
  return node.Plans === undefined || isOfIndex(node) ? `×${rowsIn(node)}` : '';
}
