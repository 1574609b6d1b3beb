// People with accounts, who log in as browsers do.
import type { Dispatcher } from 'undici';
import type { User } from '../src/schemas/user.ts';
import type { TestApi } from './app.ts';
import { type Answer, call, postJson } from './client.ts';

export interface Person extends User {
  email: string;
  password: string;
  /** As a browser sends it. */
  cookie: string;
}

/** For tests in which many people come from one address and ask often. */
export const ROOMY = { LOGIN_ATTEMPTS_PER_ADDRESS: '100000', DEFAULT_PLAN: 'unlimited' };

export const PASSWORD = 'correct horse battery';

/** An address that nobody has. */
export const newAddress = () => `${crypto.randomUUID()}@example.com`;

export async function register(
  api: TestApi,
  { email = newAddress(), password = PASSWORD }: { email?: string; password?: string } = {},
): Promise<Person> {
  const answer = await postJson(api, '/v1/users', { email, password }, { key: null });
  if (answer.status !== 201) throw new Error(`${answer.status} ${answer.body}`);
  return { ...answer.json<User>(), email, password, cookie: cookieOf(answer) };
}

export async function administrator(api: TestApi): Promise<Person> {
  const person = await register(api);
  await api.rows('UPDATE users SET is_admin = true WHERE id = $1', [person.id]);
  return person;
}

export function logIn(
  api: TestApi,
  login: { email: string; password: string },
  headers: Record<string, string> = {},
): Promise<Answer> {
  const { email, password } = login;
  return postJson(api, '/v1/sessions', { email, password }, { key: null, headers });
}

/** What the answer sets, as a browser sends it back. */
export function cookieOf({ headers }: Answer): string {
  const [cookie = ''] = (headers['set-cookie'] ?? '').split(';');
  return cookie;
}

/** Asks with the session of a cookie. */
export function ask(
  api: TestApi,
  cookie: string,
  method: Dispatcher.HttpMethod,
  path: string,
  body?: unknown,
): Promise<Answer> {
  if (body === undefined) return call(api, path, { method, key: null, headers: { cookie } });
  return postJson(api, path, body, { method, key: null, headers: { cookie } });
}

export const said = (answer: Answer): string =>
  answer.status < 400 ? String(answer.status) : `${answer.status} ${answer.json<{ code: string }>().code}`;
