// What the phases need to know of a system they measure, ours or the baseline.

export interface SystemUnderTest {
  readonly name: 'tintype' | 'celery';
  /** Where images are POSTed. */
  readonly uploadUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The database with the table `jobs` (id, status, created_at, started_at, finished_at). */
  readonly databaseUrl: string;
  /** Roots of the process trees that make up the system, by role. */
  processes(): Readonly<Record<string, number>>;
  /** Never resolves; rejects with the last words of a process that ended by itself. */
  readonly broken: Promise<never>;
  /** What its processes printed last, for the report of a failure. */
  lastWords(): string;
  stop(): Promise<void>;
}

/** The result of `work`, unless a process of `system` ends under it; a failure carries the system's last words. */
export function whileWhole<Result>(system: SystemUnderTest, work: Promise<Result>): Promise<Result> {
  const explained = work.catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${system.name}: ${why}\n${system.lastWords()}`, { cause: error });
  });
  explained.catch(() => undefined);
  return Promise.race([explained, system.broken]);
}
