// The comments of a PostScript program: lines that begin with %%, a name and a value (Adobe, "PostScript Language Document Structuring
// Conventions", 3.0, 4).

/** So many lines are looked at, and so much of each; a comment has no more than 255 characters (3). */
const MAX_LINES = 1000;
const MAX_LINE_BYTES = 1024;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Lines end with a line feed, a carriage return, or both. */
function* linesOf(program: Buffer): Generator<string> {
  let at = 0;
  for (let count = 0; count < MAX_LINES && at < program.length; count += 1) {
    let end = at;
    while (end < program.length && program[end] !== LINE_FEED && program[end] !== CARRIAGE_RETURN) end += 1;
    yield program.toString('latin1', at, Math.min(end, at + MAX_LINE_BYTES));
    at = program[end] === CARRIAGE_RETURN && program[end + 1] === LINE_FEED ? end + 2 : end + 1;
  }
}

/** Header comments: the first of a name counts. They end with EndComments, or before a line that is no comment (4.2). */
export function readHeaderComments(program: Buffer): Map<string, string> {
  const comments = new Map<string, string>();
  let last = '';
  for (const line of linesOf(program)) {
    if (isBehindHeader(line)) break;
    const [, name, value = ''] = /^%%(\+|[A-Za-z]+):?(.*)$/.exec(line) ?? [];
    if (name === '+') comments.set(last, `${comments.get(last) ?? ''} ${value.trim()}`);
    else if (name !== undefined) {
      // What repeats a name, and the lines that continue it, are gathered where nobody looks.
      last = comments.has(name) ? '' : name;
      comments.set(last, value.trim());
    }
  }
  return comments;
}

/** Empty lines are let pass: some programs write them between comments. */
function isBehindHeader(line: string): boolean {
  return line.startsWith('%%EndComments') || (line !== '' && !line.startsWith('%'));
}

/** In the trailer the last of a name counts. */
export function readTrailerComments(program: Buffer): Map<string, string> {
  const comments = new Map<string, string>();
  for (const line of linesOf(program)) {
    const [, name, value] = /^%%([A-Za-z]+):(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) comments.set(name, value.trim());
  }
  return comments;
}

/** A text in parentheses, where a backslash stands before a parenthesis, a backslash or an octal number (4.1). */
export function unquote(text: string): string {
  const inner = /^\((.*)\)$/.exec(text)?.[1];
  if (inner === undefined) return text;
  return inner.replace(/\\([0-7]{1,3}|.)/g, (_, escaped: string) =>
    /^[0-7]/.test(escaped) ? String.fromCharCode(Number.parseInt(escaped, 8) & 0xff) : escaped,
  );
}
