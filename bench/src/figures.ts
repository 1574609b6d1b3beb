// Figures of one round, flat, by name; and what a run of a phase needs to make them.
import type { LoadGenerator } from './load-generator.ts';
import type { PhaseSizes } from './options.ts';

export type Figures = Readonly<Record<string, number>>;

export interface Bench {
  readonly workspace: string;
  readonly images: readonly string[];
  readonly load: LoadGenerator;
  readonly concurrency: number;
  readonly sizes: PhaseSizes;
}
