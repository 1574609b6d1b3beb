// A promise about access beyond single calls, put to the test on the running service.
import type { Accounts } from './accounts.ts';
import type { Stage } from './matrix.ts';
import type { Route } from './route-table.ts';
import type { Service } from './service.ts';

export interface ProofGround {
  service: Service;
  accounts: Accounts;
  /** All routes, and what calls to them need. */
  routes: readonly Route[];
  stage: Stage;
}

export interface Proof {
  name: string;
  /** What is promised. */
  says: string;
  /** Measures what others would disturb: it is done before them. */
  isAlone?: boolean;
  run(ground: ProofGround): Promise<Measured>;
}

export interface Measured {
  /** What was seen, in one line. */
  figure: string;
  /** Sentences; none: the promise holds. */
  failures: string[];
}

export interface ProofResult extends Measured {
  name: string;
  seconds: number;
}

/** In their order; those beside each other that can be. */
export async function runProofs(
  proofs: readonly Proof[],
  ground: ProofGround,
  tell: (result: ProofResult) => void,
): Promise<ProofResult[]> {
  const alone = new Map<Proof, ProofResult>();
  for (const proof of proofs) if (proof.isAlone === true) alone.set(proof, await runProof(proof, ground));
  const results = await Promise.all(proofs.map((proof) => alone.get(proof) ?? runProof(proof, ground)));
  for (const result of results) tell(result);
  return results;
}

async function runProof({ name, run }: Proof, ground: ProofGround): Promise<ProofResult> {
  const begunAt = performance.now();
  const measured = await run(ground).catch((error: Error) => ({
    figure: 'not measured',
    failures: [error.stack ?? error.message],
  }));
  return { name, ...measured, seconds: (performance.now() - begunAt) / 1000 };
}

/** Several figures as one. */
export function together(all: readonly Measured[]): Measured {
  return {
    figure: all.map(({ figure }) => figure).join('; '),
    failures: all.flatMap(({ failures }) => failures),
  };
}
