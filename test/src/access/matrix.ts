// Every route × every principal: what is answered, against what the table promises. Knows no service: a stage gives it routes and callers.
import { faultOfAccess } from './areas.ts';
import { PRINCIPALS, type PrincipalName, verdictOf } from './expectations.ts';
import type { Answer, Order } from './http.ts';
import { isSafe, nameOf, type Route } from './route-table.ts';

export interface Cell {
  route: string;
  principal: PrincipalName;
  /** `in`, or the status and the code. */
  expected: string;
  /** 0: there was no answer. */
  status: number;
  code: string | undefined;
  holds: boolean;
}

/** A route with everything that calls to it need. */
export interface Scene {
  order(principal: PrincipalName): Promise<Order>;
  /** The code that answers those whose it is not; undefined: it is nobody's. */
  missing: string | undefined;
  /** Whether this is how those are answered who are let in. */
  isGood(answer: Answer, principal: PrincipalName): boolean;
}

export interface Stage {
  /** What the route works on belongs to an owner; with a caller, for him alone and new. @throws Error when something is not known that it needs */
  open(route: Route, caller?: PrincipalName): Promise<Scene>;
  /** Whether the principal is whose the things of the scenes are. */
  owns(principal: PrincipalName): boolean;
  send(order: Order): Promise<Answer>;
  /** Everything that a refused call must leave as it was: digests by name. */
  state(): Promise<Map<string, string>>;
}

export interface MatrixResult {
  cells: Cell[];
  /** Routes that could not be tried, or that changed something while refusing: sentences. */
  faults: string[];
}

/** The first of these who is let in has his go at the very thing that all others were refused: there was something to be had. */
const FIRST: readonly PrincipalName[] = ['owner, key', 'owner, session', 'administrator, key'];
const ROUTES_AT_ONCE = 4;

interface Trial {
  route: Route;
  scene: Scene;
  verdicts: ReadonlyMap<PrincipalName, string>;
  refused: readonly PrincipalName[];
  letIn: readonly PrincipalName[];
}

export async function runMatrix(routes: readonly Route[], stage: Stage): Promise<MatrixResult> {
  const result: MatrixResult = { cells: [], faults: [] };
  async function guarded<Thing>(route: Route, action: () => Promise<Thing>): Promise<Thing | undefined> {
    return action().catch((error: Error) => {
      result.faults.push(`${nameOf(route)}: ${error.message}`);
      return undefined;
    });
  }

  const trials: Trial[] = [];
  // One after the other: nothing else changes anything while refusals are watched.
  for (const route of routes) {
    const trial = await guarded(route, async () => {
      const fault = faultOfAccess(route);
      if (fault !== undefined) result.faults.push(`${nameOf(route)}: ${fault}`);
      const opened = await openTrial(route, stage);
      const { cells, faults } = await tryRefused(opened, stage);
      result.cells.push(...cells);
      result.faults.push(...faults);
      return opened;
    });
    if (trial !== undefined) trials.push(trial);
  }
  const turn = async () => {
    for (let next = trials.shift(); next !== undefined; next = trials.shift()) {
      const trial = next;
      const cells = await guarded(trial.route, () => tryLetIn(trial, stage));
      result.cells.push(...(cells ?? []));
    }
  };
  await Promise.all(Array.from({ length: ROUTES_AT_ONCE }, turn));
  return result;
}

/** @throws Error for a route that can't be tried */
async function openTrial(route: Route, stage: Stage): Promise<Trial> {
  const declared = new Map(PRINCIPALS.map((principal) => [principal, verdictOf(route.access, principal)]));
  const scene = await stage.open(route);
  const verdicts = new Map<PrincipalName, string>();
  for (const [principal, verdict] of declared) {
    const isForeign = verdict === 'in' && scene.missing !== undefined && !stage.owns(principal);
    verdicts.set(principal, isForeign ? `404 ${scene.missing}` : verdict);
  }
  const isLetIn = (principal: PrincipalName) => verdicts.get(principal) === 'in';
  const [letIn, refused] = [PRINCIPALS.filter(isLetIn), PRINCIPALS.filter((one) => !isLetIn(one))];
  return { route, scene, verdicts, refused, letIn };
}

async function tryRefused(trial: Trial, stage: Stage): Promise<MatrixResult> {
  const { route, scene, refused } = trial;
  // Whatever has to be made for a call is made before anybody looks.
  const orders = await Promise.all(refused.map(scene.order));
  const before = isSafe(route) ? undefined : await stage.state();
  const cells = await Promise.all(
    refused.map((principal, at) => tryOne(principal, orders[at] as Order, trial, stage)),
  );
  return { cells, faults: before === undefined ? [] : changes(route, before, await stage.state()) };
}

function tryLetIn(trial: Trial, stage: Stage): Promise<Cell[]> {
  const { route, scene, letIn } = trial;
  const first = FIRST.find((principal) => letIn.includes(principal));
  const tries = letIn.map(async (principal) => {
    const own = isSafe(route) || principal === first ? scene : await stage.open(route, principal);
    return tryOne(principal, await own.order(principal), { ...trial, scene: own }, stage);
  });
  return Promise.all(tries);
}

async function tryOne(
  principal: PrincipalName,
  order: Order,
  { route, scene, verdicts }: Trial,
  stage: Stage,
): Promise<Cell> {
  const expected = verdicts.get(principal) ?? 'in';
  const about = { route: nameOf(route), principal, expected };
  try {
    const answer = await stage.send(order);
    const { status, code } = answer;
    const holds = expected === 'in' ? scene.isGood(answer, principal) : isRefusal(route, answer, expected);
    return { ...about, status, code, holds };
  } catch (error) {
    return { ...about, status: 0, code: String(error), holds: false };
  }
}

/** The answer to HEAD has no body that could say why. */
function isRefusal({ method }: Route, { status, code }: Answer, expected: string): boolean {
  return method === 'HEAD' ? expected.startsWith(`${status} `) : expected === `${status} ${code}`;
}

function changes(
  route: Route,
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string[] {
  const changed = [...after].flatMap(([name, digest]) => (before.get(name) === digest ? [] : [name]));
  return changed.length === 0 ? [] : [`${nameOf(route)}: refused calls changed ${changed.join(', ')}`];
}
