// One request of the smoke test and its answer; what goes wrong becomes a sentence. Knows no step of it.

/** A step that came to nothing, in a sentence. */
export class SmokeTestError extends Error {}

interface Target {
  /** Without a slash at its end. */
  url: string;
  requestTimeoutMs: number;
}

interface Sent {
  cookie?: string;
  apiKey?: string;
  json?: unknown;
  form?: FormData;
}

/** @throws SmokeTestError where no answer comes */
export async function ask(
  method: string,
  path: string,
  sent: Sent,
  { url, requestTimeoutMs }: Target,
): Promise<Answer> {
  const headers: Record<string, string> = {};
  if (sent.cookie !== undefined) headers.cookie = sent.cookie;
  if (sent.apiKey !== undefined) headers['x-api-key'] = sent.apiKey;
  if (sent.json !== undefined) headers['content-type'] = 'application/json';
  const body = sent.form ?? (sent.json === undefined ? null : JSON.stringify(sent.json));
  const signal = AbortSignal.timeout(requestTimeoutMs);
  try {
    const response = await fetch(`${url}${path}`, { method, headers, body, signal });
    return new Answer(response.status, response.headers, new Uint8Array(await response.arrayBuffer()));
  } catch (error) {
    const { cause, message } = error as Error;
    const why = cause instanceof Error && cause.message !== '' ? cause.message : message;
    throw new SmokeTestError(`${method} ${path} had no answer: ${why}`);
  }
}

/** What came back. */
export class Answer {
  readonly status: number;
  readonly bytes: Uint8Array;
  readonly #headers: Headers;

  constructor(status: number, headers: Headers, bytes: Uint8Array) {
    this.status = status;
    this.#headers = headers;
    this.bytes = bytes;
  }

  /** The first cookie, as it is sent back. */
  cookie(): string | undefined {
    return this.#headers.getSetCookie()[0]?.split(';')[0];
  }

  /** Of an error of ours. */
  code(): unknown {
    return this.#json().code;
  }

  /** @throws SmokeTestError where the body has no such text */
  text(name: string): string {
    const value = this.#json()[name];
    if (typeof value !== 'string') throw new SmokeTestError(`An answer has no ${name}: ${this.excerpt()}`);
    return value;
  }

  excerpt(): string {
    return new TextDecoder().decode(this.bytes.subarray(0, 500));
  }

  #json(): Record<string, unknown> {
    try {
      const parsed: unknown = JSON.parse(new TextDecoder().decode(this.bytes));
      return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
    } catch {
      return {};
    }
  }
}

/** @throws SmokeTestError for another status */
export function expect(answer: Answer, status: number, what: string): void {
  if (answer.status === status) return;
  throw new SmokeTestError(`Could not ${what}: ${answer.status} instead of ${status}. ${answer.excerpt()}`);
}
