// The matrix and the proofs on one running service: what is chosen of them, and what came of it.
import { preparePictures } from '../service/pictures.ts';
import { openAccounts } from './accounts.ts';
import { type Document, mismatches } from './document.ts';
import { good, type Order, send } from './http.ts';
import { type MatrixResult, runMatrix } from './matrix.ts';
import { type ProofResult, runProofs } from './proof.ts';
import { PROOFS } from './proofs.ts';
import { unexpected } from './report.ts';
import { nameOf, type Route, type RouteTable } from './route-table.ts';
import type { Service } from './service.ts';
import { createStage } from './stage.ts';

export interface Outcome {
  routes: readonly Route[];
  matrix: MatrixResult;
  /** Sentences: cells that are not as promised, and what could not be tried. */
  unexpected: string[];
  proofs: ProofResult[];
  /** Without the start of the service. */
  seconds: number;
}

interface Listener {
  matrix(routes: readonly Route[], result: MatrixResult): void;
  proof(result: ProofResult): void;
}

/** @throws Error for a name that is none */
export async function tryAll(
  service: Service,
  only: readonly string[] | undefined,
  tell: Listener,
): Promise<Outcome> {
  const begunAt = performance.now();
  const chosen = choose(only, service.table);
  const call = (order: Order) => send(service.withRedis[0].address, order);
  const openApi: Order = { method: 'GET', path: '/openapi.json', headers: {} };
  const document = good(openApi, await call(openApi)) as unknown as Document;
  const accounts = await openAccounts(service.databaseUrl);
  try {
    const ground = { accounts, issuer: service.issuer, send: call };
    const stage = createStage({ document, ground, pictures: await preparePictures() });
    // Proofs are about all of them.
    await stage.prepare(chosen.proofs.length === 0 ? chosen.routes : service.table.routes);
    // From here on nothing but calls changes anything.
    await service.worker.stop();
    const matrix = await runMatrix(chosen.routes, stage);
    matrix.faults.push(...faultsOf(service.table, document));
    tell.matrix(chosen.routes, matrix);
    const all = { service, accounts, routes: service.table.routes, stage };
    const proofs = await runProofs(chosen.proofs, all, tell.proof);
    const seconds = (performance.now() - begunAt) / 1000;
    return {
      routes: chosen.routes,
      matrix,
      unexpected: [...unexpected(matrix), ...matrix.faults],
      proofs,
      seconds,
    };
  } finally {
    await accounts.close();
  }
}

function choose(only: readonly string[] | undefined, { routes }: RouteTable) {
  if (only === undefined) return { routes, proofs: PROOFS };
  const names = new Set([...routes.map(nameOf), ...PROOFS.map(({ name }) => name)]);
  const unknown = only.find((name) => !names.has(name));
  if (unknown !== undefined) throw new Error(`There is no operation or proof "${unknown}": see --list.`);
  return {
    routes: routes.filter((route) => only.includes(nameOf(route))),
    proofs: PROOFS.filter(({ name }) => only.includes(name)),
  };
}

/** That no route was missed. */
function faultsOf({ routes, inRouter }: RouteTable, document: Document): string[] {
  const isWhole = routes.length === inRouter;
  const missed = isWhole ? [] : [`the router knows ${inRouter} routes, and ${routes.length} were seen`];
  return [...missed, ...mismatches(document, routes)];
}
