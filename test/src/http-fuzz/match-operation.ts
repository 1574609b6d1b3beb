// Which operation a request line means, found as the router finds it: percent signs decoded, fixed names before variable ones.
import type { Document, Operation } from './document.ts';

export type MatchOperation = (method: string, target: string) => Operation | undefined;

export function matcherOf({ operations }: Pick<Document, 'operations'>): MatchOperation {
  const patterns = operations.map((operation) => ({ operation, names: namesIn(operation.path) }));
  // `/jobs` is answered as `/v1/jobs`.
  const versioned = new Set(
    patterns.flatMap(({ names: [version, name] }) => (version === 'v1' ? [name] : [])),
  );

  return (method, target) => {
    const written = method === 'HEAD' ? 'GET' : method;
    // A target may be a whole address (RFC 9112, section 3.2.2).
    const path = target.replace(/^http:\/\/[^/?#]*/, '').split(/[?#]/, 1)[0] ?? '';
    const names = namesIn(decode(path));
    const asked = versioned.has(names[0]) ? ['v1', ...names] : names;
    const found = patterns.filter(
      (pattern) => pattern.operation.method === written && fits(pattern.names, asked),
    );
    return found.sort((one, other) => variables(one.names) - variables(other.names))[0]?.operation;
  };
}

function namesIn(path: string): string[] {
  return path.split('/').slice(1);
}

/** Takes all that is left, slashes and all. */
const REST = '{path}';

const isVariable = (name: string) => name.startsWith('{');

function variables(names: string[]): number {
  return names.filter(isVariable).length;
}

function fits(pattern: string[], names: string[]): boolean {
  const isLong = pattern.at(-1) === REST ? names.length >= pattern.length : names.length === pattern.length;
  return isLong && pattern.every((name, at) => isVariable(name) || name === (names[at] ?? ''));
}

/** A slash that is written by its number is no slash. */
function decode(path: string): string {
  return path.replace(/%(?!2f|23|3f|25)[0-7][0-9a-f]/gi, (code) => decodeURIComponent(code));
}
