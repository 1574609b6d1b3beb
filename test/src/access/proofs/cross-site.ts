// A page of another site does nothing in the name of whoever is logged in: on no route that changes something.
import { PRINCIPALS, type PrincipalName, verdictOf } from '../expectations.ts';
import type { Measured, Proof, ProofGround } from '../proof.ts';
import { isSafe, nameOf, type Route } from '../route-table.ts';

/** What browsers say of such a page, new ones and old ones. */
const ELSEWHERE: readonly Record<string, string>[] = [
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
  { origin: 'https://elsewhere.example' },
  { origin: 'null' },
];
const REFUSAL = '403 CROSS_SITE_REQUEST';

export const crossSite: Proof = {
  name: 'cross-site',
  says: 'no page of another site changes anything by a session, nor logs anybody in',
  run: async (ground) => {
    const routes = ground.routes.filter((route) => !isSafe(route));
    const faults = await Promise.all(routes.map((route) => faultsOf(route, ground)));
    const figure = `${routes.length} routes × ${ELSEWHERE.length} ways, each refused, and let in from here`;
    const failures = faults.flat();
    return {
      figure: failures.length === 0 ? figure : `${routes.length} routes`,
      failures,
    } satisfies Measured;
  },
};

async function faultsOf(route: Route, { stage }: ProofGround): Promise<string[]> {
  const caller = PRINCIPALS.find((one) => one.endsWith('session') && verdictOf(route.access, one) === 'in');
  const principal: PrincipalName = caller ?? 'administrator, session';
  const order = await (await stage.open(route, principal)).order(principal);
  const faults: string[] = [];
  const ask = async (headers: Record<string, string>) => {
    const { status, code } = await stage.send({ ...order, headers: { ...order.headers, ...headers } });
    return `${status} ${code}`;
  };
  for (const headers of ELSEWHERE) {
    const answer = await ask(headers);
    if (answer !== REFUSAL) faults.push(`${nameOf(route)} with ${JSON.stringify(headers)}: ${answer}`);
  }
  const fromHere = await ask({ 'sec-fetch-site': 'same-origin' });
  if (fromHere === REFUSAL) faults.push(`${nameOf(route)} from a page of ours: ${fromHere}`);
  return faults;
}
