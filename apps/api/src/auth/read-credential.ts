// What a request shows of who it comes from: a key, a session or a token. Does not know whether it is worth anything.
import type { FastifyRequest } from 'fastify';
import type { ApiConfig } from '../config.ts';

export interface Credential {
  kind: 'key' | 'session' | 'token';
  text: string;
  /** Browsers send it by themselves, whichever page makes them ask. */
  isAmbient: boolean;
}

/** Pages for administrators, to be opened in a browser. */
export const ADMIN_PAGES = '/admin/';

/** What every API key begins with. */
const KEY = /^tt_/;

/** The prefix makes browsers insist on Secure, Path=/ and no Domain (RFC 6265bis, section 4.1.3.2). */
export function cookieNameOf({ secureCookies }: Pick<ApiConfig, 'secureCookies'>): string {
  return secureCookies === 'yes' ? '__Host-tintype' : 'tintype';
}

/** The first of X-API-Key, Authorization and the session cookie; undefined: the request shows nothing. */
export function readCredential(request: FastifyRequest, cookieName: string): Credential | undefined {
  const { headers } = request;
  const key = headers['x-api-key'];
  if (typeof key === 'string') return { kind: 'key', text: key, isAmbient: false };
  return readAuthorization(request) ?? readCookie(request, cookieName);
}

/** Schemes that mean nothing here may belong to a proxy before us. */
function readAuthorization(request: FastifyRequest): Credential | undefined {
  const { authorization = '' } = request.headers;
  const [, scheme = '', text = ''] = /^(Bearer|Basic)(?:\s+(.*))?$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'bearer')
    return { kind: KEY.test(text) ? 'key' : 'token', text, isAmbient: false };
  if (scheme === '' || !isPage(request)) return undefined;
  // The key is the password (RFC 7617); the name does not matter.
  const password = Buffer.from(text, 'base64')
    .toString()
    .replace(/^[^:]*:/, '');
  return { kind: 'key', text: password, isAmbient: true };
}

function readCookie(request: FastifyRequest, name: string): Credential | undefined {
  const text = readSessionToken(request, name);
  return text === undefined ? undefined : { kind: 'session', text, isAmbient: true };
}

/** What the cookie of a session says, whatever else the request shows. */
export function readSessionToken({ headers, server }: FastifyRequest, name: string): string | undefined {
  const { cookie } = headers;
  return cookie === undefined ? undefined : server.parseCookie(cookie)[name];
}

/** Pages for a browser are the only ones that take a name and a password from it. */
export function isPage({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.url?.startsWith(ADMIN_PAGES) ?? false;
}
