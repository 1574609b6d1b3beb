// An OIDC provider on this machine: discovery, a key set, and tokens signed with keys that can be changed. It can go away and be silent.
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { exportJWK, type GenerateKeyPairResult, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import t from 'tap';

export interface SigningKey extends GenerateKeyPairResult {
  kid: string;
  alg: string;
}

export interface Issuer {
  /** As it calls itself. */
  url: string;
  /** Signs with it, unless told otherwise. Shown in the key set, unless it is taken out. */
  key: SigningKey;
  /** What the key set shows; those after a change are its own. */
  shown: SigningKey[];
  /** Requests that came, by path. */
  asked: Record<string, number>;
  /** A token with `claims` beside those that a good one has; undefined takes one out. */
  sign(claims?: Claims, header?: Header): Promise<string>;
  /** Signs with a new key from now on, and shows it alone. */
  rotate(alg?: string): Promise<void>;
  /** Hangs up on everybody. */
  leave(): void;
  /** Takes every connection and says nothing. */
  silence(): void;
  back(): void;
  /** Answers instead of the key set, or of the discovery. */
  answers: { keys?: Answer; discovery?: Answer };
}

type Answer = (response: ServerResponse) => void;
export type Claims = Record<string, unknown>;
interface Header {
  key?: SigningKey;
  /** Fields of the protected header beside alg and kid; undefined takes one out. */
  fields?: Record<string, unknown>;
}

export const CLIENT_ID = '5h7aexampleclient';

export async function makeKey(alg = 'RS256', kid: string = crypto.randomUUID()): Promise<SigningKey> {
  return { ...(await generateKeyPair(alg, { extractable: true })), kid, alg };
}

/** @param path Of the issuer, as in Cognito's `/eu-west-1_Example`. */
export async function startIssuer(path = ''): Promise<Issuer> {
  let mode: 'answering' | 'away' | 'silent' = 'answering';
  const sockets = new Set<Socket>();
  const key = await makeKey();

  const server = createServer(async (request, response) => {
    const asked = request.url ?? '';
    issuer.asked[asked] = (issuer.asked[asked] ?? 0) + 1;
    if (mode === 'silent') return;
    const { keys, discovery } = issuer.answers;
    if (asked === `${path.replace(/\/$/, '')}/.well-known/openid-configuration`) {
      if (discovery !== undefined) return discovery(response);
      return sendJson(response, { issuer: issuer.url, jwks_uri: `${origin}/keys` });
    }
    if (asked === '/keys') {
      if (keys !== undefined) return keys(response);
      return sendJson(response, { keys: await Promise.all(issuer.shown.map(show)) });
    }
    response.writeHead(404).end();
  });
  server.on('connection', (socket) => {
    if (mode === 'away') socket.destroy();
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const hangUp = () => {
    for (const socket of sockets) socket.destroy();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    hangUp();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const issuer: Issuer = {
    url: `${origin}${path}`,
    key,
    shown: [key],
    asked: {},
    answers: {},
    sign: (claims = {}, { key = issuer.key, fields } = {}) => {
      const now = Math.floor(Date.now() / 1000);
      const good = { iss: issuer.url, aud: CLIENT_ID, sub: 'somebody', iat: now, exp: now + 3600 };
      const payload = JSON.parse(JSON.stringify({ ...good, ...claims })) as JWTPayload;
      return new SignJWT(payload)
        .setProtectedHeader(JSON.parse(JSON.stringify({ alg: key.alg, kid: key.kid, ...fields })))
        .sign(key.privateKey);
    },
    rotate: async (alg) => {
      issuer.key = await makeKey(alg);
      issuer.shown = [issuer.key];
    },
    leave: () => {
      mode = 'away';
      hangUp();
    },
    silence: () => {
      mode = 'silent';
      hangUp();
    },
    back: () => {
      mode = 'answering';
      hangUp();
    },
  };
  return issuer;
}

export function sendJson(response: ServerResponse, body: unknown): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
}

async function show({ publicKey, kid, alg }: SigningKey): Promise<object> {
  return { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
}
