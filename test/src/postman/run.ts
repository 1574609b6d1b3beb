// The collection, run from top to bottom as newman does it: what each request was answered, and what was found wrong.
import newman, { type NewmanRunExecution } from 'newman';

export interface Sent {
  folder: string;
  name: string;
  method: string;
  /** Without the variables in it. */
  path: string;
  status: number | undefined;
  ms: number;
  /** Sentences; none: as the document says. */
  failures: string[];
}

/** Longer than anything waits by itself. */
const TIMEOUT_MS = 60_000;

/**
 * @param workingDir where the files lie that are sent
 * @throws Error when the collection can't be run at all
 */
export async function runCollection(
  collection: string,
  { variables, workingDir }: { variables: Record<string, string>; workingDir: string },
): Promise<Sent[]> {
  const parsed = JSON.parse(collection) as { item: { name: string; item: { name: string }[] }[] };
  const folders = parsed.item.flatMap(({ name, item }) => item.map(() => name));
  const sent: Sent[] = [];
  await new Promise<void>((resolve, reject) => {
    const run = newman.run(
      {
        collection: parsed,
        envVar: Object.entries(variables).map(([key, value]) => ({ key, value })),
        ...{ workingDir, timeoutRequest: TIMEOUT_MS, reporters: [] },
      },
      (error, summary) => {
        if (error !== null && error !== undefined) return reject(error);
        for (const one of summary.run.executions) sent.push(readExecution(one, folders[sent.length] ?? ''));
        resolve();
      },
    );
    // What newman tells of its own troubles is in its summary.
    run.on('error', () => undefined);
  });
  return sent;
}

function readExecution(one: NewmanRunExecution & { requestError?: Error }, folder: string): Sent {
  const { item, request, response, assertions = [], requestError } = one;
  const wrong = assertions.flatMap(({ assertion, error }) =>
    error === undefined || error === null ? [] : [`${assertion}: ${error.message}`],
  );
  const scripts = (one as unknown as { testScript?: { error?: Error }[] }).testScript ?? [];
  const broken = scripts.flatMap(({ error }) =>
    error === undefined ? [] : [`its test ends: ${error.message}`],
  );
  return {
    ...{ folder, name: item.name, method: request.method },
    path: request.url.getPath(),
    status: response?.code,
    ms: response?.responseTime ?? 0,
    failures: [...(requestError ? [requestError.message] : []), ...wrong, ...broken],
  };
}
