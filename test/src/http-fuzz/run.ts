// The run: every operation gets its share, in small pieces in a shuffled order, several at once; what goes wrong is made as small as it gets.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { randomOf } from '../faults/random.ts';
import type { Attempt } from './attempt.ts';
import { attemptsAt } from './attempts.ts';
import type { Fault, Sent } from './check-answer.ts';
import type { Document, Operation } from './document.ts';
import type { Pictures } from './pictures.ts';
import type { Probe } from './probe.ts';

export interface Finding {
  operationId: string;
  fault: Fault;
  /** The smallest request that showed it. */
  sent: Sent;
  attempt: Attempt;
  /** How often it was seen. */
  count: number;
}

export interface Tally {
  requests: number;
  /** By operation and status; `none` where there was no answer. */
  statuses: Map<string, Map<string, number>>;
  /** Of all problems that were answered. */
  codes: Map<string, number>;
  findings: Finding[];
}

interface Order {
  document: Document;
  pictures: Pictures;
  operations: readonly Operation[];
  requests: number;
  seed: number;
  atOnce: number;
  probe: (attempt: Attempt) => Promise<Probe>;
  /** Called once, when half of it is done. */
  atHalf?: () => Promise<void>;
}

/** Requests to one operation in a row: few, so that what one destroys another has made anew. */
const PIECE = 25;
const MOST_SMALLER_TRIES = 150;
const MOST_FINDINGS_AN_OPERATION = 5;

export async function run(order: Order): Promise<Tally> {
  const { document, pictures, operations, requests, seed, atOnce } = order;
  const tally: Tally = {
    requests: 0,
    statuses: new Map(operations.map(({ id }) => [id, new Map()])),
    codes: new Map(),
    findings: [],
  };
  const attempts = new Map(operations.map((one) => [one.id, attemptsAt(one, { document, pictures })]));
  const pieces = randomOf(seed, 'order').shuffle(piecesOf(operations, requests));
  const half = pieces.length / 2;
  let halfway: Promise<void> | undefined;

  async function work(): Promise<void> {
    for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
      if (pieces.length <= half) halfway ??= order.atHalf?.();
      await halfway;
      const { operation, number, size } = piece;
      const arbitrary = attempts.get(operation.id);
      for (let left = size, again = 0; arbitrary !== undefined && left > 0; again += 1) {
        const name = `${operation.id} ${number} ${again}`;
        left -= await tryOut({ arbitrary, size: left, seed: seedOf(seed, name) }, order.probe, tally);
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work));
  return tally;
}

interface Piece {
  operation: Operation;
  number: number;
  size: number;
}

/** An operation with a body has more that can be wrong. */
function piecesOf(operations: readonly Operation[], requests: number): Piece[] {
  const weightOf = ({ bodies }: Operation) => 2 + Object.keys(bodies).length;
  const weights = operations.reduce((sum, operation) => sum + weightOf(operation), 0);
  return operations.flatMap((operation) => {
    const share = Math.max(1, Math.round((requests * weightOf(operation)) / weights));
    return Array.from({ length: Math.ceil(share / PIECE) }, (_, number) => ({
      operation,
      number,
      size: Math.min(PIECE, share - number * PIECE),
    }));
  });
}

interface Trial {
  arbitrary: fc.Arbitrary<Attempt>;
  size: number;
  seed: number;
}

/** Makes attempts until something new goes wrong, and then smaller ones. Answers how many of the piece are done. */
async function tryOut(
  { arbitrary, size, seed }: Trial,
  probe: Order['probe'],
  tally: Tally,
): Promise<number> {
  let found: Finding | undefined;
  let smaller = 0;
  const property = fc.asyncProperty(arbitrary, async (attempt) => {
    if (found !== undefined) {
      smaller += 1;
      // As small as it gets in the time there is.
      if (smaller > MOST_SMALLER_TRIES) return true;
    }
    const seen = await probe(attempt);
    count(tally, attempt, seen);
    if (seen.fault === undefined) return true;
    const finding = {
      operationId: attempt.operationId,
      fault: seen.fault,
      sent: seen.sent,
      attempt,
      count: 1,
    };
    if (found === undefined) {
      if (isKnown(tally, finding)) return true;
      tally.findings.push(finding);
      found = finding;
      return false;
    }
    if (seen.fault.what !== found.fault.what) return true;
    Object.assign(found, { ...finding, count: found.count + 1 });
    return false;
  });
  const { numRuns, failed } = await fc.check(property, { seed, numRuns: size });
  return failed ? Math.max(1, numRuns) : size;
}

function count(tally: Tally, { operationId }: Attempt, { outcome }: Probe): void {
  tally.requests += 1;
  const byStatus = tally.statuses.get(operationId) ?? new Map<string, number>();
  tally.statuses.set(operationId, byStatus);
  addOne(byStatus, 'answer' in outcome ? String(outcome.answer.status) : 'none');
  if ('silence' in outcome) return;
  const { status, body } = outcome.answer;
  const [, code] =
    status < 400 ? [] : (/^\{"type":"urn:[a-z:]+:([A-Z_]+)"/.exec(body.toString('latin1')) ?? []);
  if (code !== undefined) addOne(tally.codes, code);
}

function addOne(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function isKnown({ findings }: Tally, { operationId, fault }: Finding): boolean {
  const same = findings.find((one) => one.operationId === operationId && one.fault.what === fault.what);
  if (same !== undefined) same.count += 1;
  return (
    same !== undefined ||
    findings.filter((one) => one.operationId === operationId).length >= MOST_FINDINGS_AN_OPERATION
  );
}

function seedOf(seed: number, name: string): number {
  return createHash('sha256').update(`${seed} ${name}`).digest().readInt32LE();
}
