// An OIDC provider of the run's own: discovery, one key, and whatever tokens are wanted. Signs by node:crypto alone, so that it shares no
// mistake with the library that verifies.

import { generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const AUDIENCE = 'tintype-access';
export const ADMIN_GROUP = 'operators';

export interface Issuer {
  url: string;
  /** A token that works for an hour, with these claims beside or instead of its own. */
  token(subject: string, claims?: Record<string, unknown>): string;
  /** The same, signed by a key that the provider does not know, under the name of the one it does. */
  forge(subject: string): string;
  close(): Promise<void>;
}

const KEY_ID = 'access-1';

export async function startIssuer(): Promise<Issuer> {
  const real = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const wrong = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keys = [{ ...real.publicKey.export({ format: 'jwk' }), kid: KEY_ID, alg: 'ES256', use: 'sig' }];
  const server = createServer((request, response) => {
    const documents: Record<string, object> = {
      '/.well-known/openid-configuration': { issuer: url, jwks_uri: `${url}/keys` },
      '/keys': { keys },
    };
    const document = documents[request.url ?? ''];
    response.writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(document ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  function claimsOf(subject: string): Record<string, unknown> {
    const now = Math.floor(Date.now() / 1000);
    return { iss: url, aud: AUDIENCE, sub: subject, jti: randomUUID(), iat: now, exp: now + 3600 };
  }

  return {
    url,
    token: (subject, claims = {}) => signed({ ...claimsOf(subject), ...claims }, real.privateKey),
    forge: (subject) => signed(claimsOf(subject), wrong.privateKey),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A JWS in its compact form (RFC 7515, section 7.1). */
function signed(claims: object, key: KeyObject): string {
  const head = encoded({ alg: 'ES256', kid: KEY_ID, typ: 'JWT' });
  const input = `${head}.${encoded(claims)}`;
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
