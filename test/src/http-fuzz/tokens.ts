// Words in a generated request that stand for what only the running service knows: an id that exists, a password that is right.
// They consist of letters that no encoding changes, so that they can be put in at the very end, wherever they stand.
import type { Operation } from './document.ts';

/** `~own.jobs~`: the part before the point says what, the part behind it of which kind. */
const TOKEN = /~([a-z]+)(?:\.([\w-]+))?~/g;

export const token = (what: string, kind?: string) => `~${what}${kind === undefined ? '' : `.${kind}`}~`;

export type ReplaceToken = (what: string, kind: string, written: string) => string;

export function fillIn(text: string, replace: ReplaceToken): string {
  return text.replace(TOKEN, (written, what: string, kind = '') => replace(what, kind, written));
}

/** The collection that a path parameter is looked up in: `/v1/jobs/{id}/events` → jobs. */
export function kindOfPath(path: string, parameter: string): string {
  const names = path.split('/');
  return names[names.indexOf(`{${parameter}}`) - 1] ?? '';
}

/** What would be right under such a name in a query or a body; undefined: anything that fits the schema. */
export function tokensFor(name: string, { id }: Pick<Operation, 'id'>): string[] {
  const [, subject] = /^(\w+)Id$/.exec(name) ?? [];
  if (subject !== undefined) return [token('own', `of-${subject}`), token('other', `of-${subject}`)];
  if (name === 'ids') return [token('own', 'images'), token('other', 'images')];
  if (name === 'tag' || name === 'tagAny') return [token('own', 'tags')];
  if (name === 'cursor' || name === 'after') return [token('cursor', id)];
  if (name === 'email') return [token('email')];
  if (name === 'plan') return [token('own', 'plans')];
  if (/^(current)?password$/i.test(name)) return [token('password')];
  if (name === 'network') return ['127.0.0.1', '127.0.0.0/8', '::1', '2001:db8::/32'];
  return [];
}
