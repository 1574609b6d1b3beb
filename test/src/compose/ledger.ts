// What clients were promised, against what the database holds at the end. Knows no network.

/** One image that a client sent under one Idempotency-Key until it was told a job's id. */
export interface Sent {
  key: string;
  sha256Hex: string;
  /** Of the jobs it was told of: one, or it was told of several. Empty: it was never accepted. */
  jobIds: readonly string[];
}

/** A job as the database holds it. */
export interface JobRow {
  jobId: string;
  imageId: string;
  status: string;
  sha256Hex: string;
  /** Events that say it has ended. */
  ends: number;
}

/** Every list is empty where nothing is wrong; each names keys or ids. */
export interface Discrepancies {
  /** Acknowledged, and no job is there. */
  lost: string[];
  /** Acknowledged, and its job did not complete. */
  notCompleted: string[];
  /** Its job ended more than once. */
  endedTwice: string[];
  /** One key, several jobs or images. */
  doubled: string[];
  /** Its image has another checksum than the file that was sent. */
  changed: string[];
  /** Jobs that no client was told of. */
  untold: string[];
}

export function compareLedger(sent: readonly Sent[], rows: readonly JobRow[]): Discrepancies {
  const byId = new Map(rows.map((row) => [row.jobId, row]));
  const imagesOf = new Map<string, Set<string>>();
  for (const { sha256Hex, imageId } of rows)
    imagesOf.set(sha256Hex, (imagesOf.get(sha256Hex) ?? new Set()).add(imageId));
  const acknowledged = sent.filter(({ jobIds }) => jobIds.length > 0);
  const told = new Set(acknowledged.flatMap(({ jobIds }) => jobIds));
  const keysWhere = (wrong: (one: Sent, row: JobRow | undefined) => boolean) =>
    acknowledged.filter((one) => wrong(one, byId.get(one.jobIds[0] ?? ''))).map(({ key }) => key);
  return {
    lost: keysWhere((_, row) => row === undefined),
    notCompleted: keysWhere((_, row) => row !== undefined && row.status !== 'completed'),
    endedTwice: keysWhere((_, row) => row !== undefined && row.ends > 1),
    doubled: keysWhere(
      ({ jobIds, sha256Hex }) => new Set(jobIds).size > 1 || (imagesOf.get(sha256Hex)?.size ?? 0) > 1,
    ),
    changed: keysWhere(({ sha256Hex }, row) => row !== undefined && row.sha256Hex !== sha256Hex),
    untold: rows.filter(({ jobId }) => !told.has(jobId)).map(({ jobId }) => jobId),
  };
}
