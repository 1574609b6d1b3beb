// All that is proven beside the matrix, in the order in which it is done.
import type { Proof } from './proof.ts';
import { addresses } from './proofs/addresses.ts';
import { crossSite } from './proofs/cross-site.ts';
import { escalation } from './proofs/escalation.ts';
import { forwarded } from './proofs/forwarded.ts';
import { limitsWithPostgres, limitsWithRedis } from './proofs/limits.ts';
import { loginTiming } from './proofs/login-timing.ts';
import { revocation } from './proofs/revocation.ts';

export const PROOFS: readonly Proof[] = [
  crossSite,
  escalation,
  loginTiming,
  limitsWithRedis,
  limitsWithPostgres,
  forwarded,
  addresses,
  revocation,
];
