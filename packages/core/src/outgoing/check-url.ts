// Whether an address that somebody else named may be called, as far as its text tells. What its host name leads to is checked when the
// connection is made: see outgoing-agent.ts.
import { isIP } from 'node:net';
import { AppError } from '../errors.ts';
import { isInNetworks, isPublicAddress } from './is-public-address.ts';

export interface OutgoingRules {
  /** Networks that may be called in addition, on any port: `10.0.0.0/8`, `127.0.0.1`. */
  allow: readonly string[];
}

/** Names that never leave a machine or a network (RFC 6761, RFC 6762; `.internal` by ICANN's word). */
const LOCAL_NAME = /(?:^|\.)(?:localhost|internal|local|localdomain|home\.arpa)$/i;

/** Empty is the protocol's own: 80 or 443. */
const PORTS: ReadonlySet<string> = new Set(['', '80', '443', '8080', '8443']);

export function isPublicPort(port: string): boolean {
  return PORTS.has(port);
}

export function notAllowed(message: string, cause?: unknown): AppError {
  return new AppError('URL_NOT_ALLOWED', { message, cause });
}

/**
 * Answers the URL that was meant. Where networks are allowed in addition, a name may lead into one of them, whatever its ending and
 * port: then the connection decides.
 * @throws AppError URL_NOT_ALLOWED
 */
export function checkUrl(text: string, { allow }: OutgoingRules): URL {
  if (!URL.canParse(text)) throw notAllowed('This is no URL.');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw notAllowed('The URL must begin with http:// or https://.');
  if (url.username !== '' || url.password !== '')
    throw notAllowed('The URL must hold no user name and no password.');
  const host = withoutBrackets(url.hostname);
  if (isIP(host) !== 0) checkAddress(host, url.port, allow);
  else if (allow.length === 0) checkName(host, url.port);
  return url;
}

/** An IPv6 address stands in brackets in an URL, and in none where a connection is made. */
export function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** @throws AppError URL_NOT_ALLOWED */
export function checkAddress(address: string, port: string, allow: readonly string[]): void {
  if (isInNetworks(address, allow)) return;
  if (!isPublicAddress(address)) throw notAllowed('The URL leads to an address that is not public.');
  checkPort(port);
}

function checkName(host: string, port: string): void {
  if (LOCAL_NAME.test(host.replace(/\.+$/, '')))
    throw notAllowed('The host of the URL is a name that is only known locally.');
  checkPort(port);
}

function checkPort(port: string): void {
  if (!isPublicPort(port)) throw notAllowed(`Port ${port} can not be called: only 80, 443, 8080 and 8443.`);
}
