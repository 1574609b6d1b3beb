// Tells apart what PostgreSQL's errors mean for a caller: bad data, or a database that can't be reached now.

interface DriverCause {
  originalCode?: string;
  kind?: string;
}

/** The SQLSTATE or driver kind behind a Prisma error; undefined where the error is not the database's. */
function causeOf(error: unknown): DriverCause | undefined {
  const { meta, cause } = (error ?? {}) as {
    meta?: { driverAdapterError?: { cause?: DriverCause } };
    cause?: DriverCause;
  };
  return meta?.driverAdapterError?.cause ?? (cause?.kind === undefined ? undefined : cause);
}

/** SQLSTATE classes 22 (data exception) and 23 (constraint): the item itself is wrong, another may be fine. */
export function isDataError(error: unknown): boolean {
  return /^2[23]/.test(causeOf(error)?.originalCode ?? '');
}

/** A plan that was there a moment ago is named by this write, and is deleted. */
export function isPlanGone(error: unknown): boolean {
  return causeOf(error)?.originalCode === '23503' && /_plan_fkey/.test((error as Error).message);
}

/** Another image of the tenant has the path that this write gives to one. */
export function isPathTaken(error: unknown): boolean {
  return (
    causeOf(error)?.originalCode === '23505' && /images_tenant_id_path_key/.test((error as Error).message)
  );
}

/** No answer, and none to be expected soon: whoever asks next would wait as long again. */
export function isDatabaseSilent(error: unknown): boolean {
  return /timeout exceeded|Query read timeout|connection timeout/i.test(
    (error as { message?: string } | null)?.message ?? '',
  );
}

/** The database is down, restarting, overloaded or unreachable: the same call may succeed later. */
export function isDatabaseUnavailable(error: unknown): boolean {
  const cause = causeOf(error);
  if (cause?.originalCode !== undefined) return /^(08|25006|28|40|53|55P03|57|58)/.test(cause.originalCode);
  if (cause?.kind !== undefined)
    return /Reachable|Timeout|Connection|Closed|Tls|Authentication/i.test(cause.kind);
  const { message, code } = (error ?? {}) as { message?: string; code?: string };
  return (
    /^(P1\d{3}|P20(24|28)|ECONN\w+|EPIPE|ETIMEDOUT)$/.test(code ?? '') ||
    /Connection terminated|timeout exceeded|Query read timeout/i.test(message ?? '')
  );
}
