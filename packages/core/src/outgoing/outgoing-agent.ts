// The connections to addresses that somebody else named. Every address is checked in the moment it is connected to, so that no answer
// of a name server can change in between; a literal one as well, for Node.js looks up names alone.
import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { checkAddress, isPublicPort, notAllowed, type OutgoingRules, withoutBrackets } from './check-url.ts';
import { isInNetworks, isPublicAddress } from './is-public-address.ts';

export interface OutgoingAgentOptions extends OutgoingRules {
  /** For name, connection and TLS together. */
  connectTimeoutMs: number;
  /** From the request to its answer's headers. */
  headersTimeoutMs: number;
  /** Longest pause within an answer. */
  bodyTimeoutMs: number;
  /** Connections to one origin. */
  connections?: number;
  /** How names become addresses; the system's way by default. */
  resolve?: Resolve;
}

/** All addresses of a name. */
export type Resolve = (
  host: string,
  options: LookupOptions & { all: true },
  callback: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

/** Most servers close an idle connection after five seconds or later: one that is about to close is not taken. */
const MAX_IDLE_MS = 4000;

/**
 * An agent for undici's `request`. Never follows redirects. A refused address rejects the request with AppError URL_NOT_ALLOWED.
 * Close it when done.
 */
export function createOutgoingAgent(options: OutgoingAgentOptions): Agent {
  const { allow, connectTimeoutMs, headersTimeoutMs, bodyTimeoutMs, resolve = systemLookup } = options;
  const isAllowed = (address: string) => isInNetworks(address, allow);
  const connectorWhere = (mayCall: (address: string) => boolean) =>
    buildConnector({
      timeout: connectTimeoutMs,
      lookup: guard(resolve, mayCall),
    } as buildConnector.BuildOptions);
  const anyPort = connectorWhere(isAllowed);
  const publicPort = connectorWhere((address) => isAllowed(address) || isPublicAddress(address));

  const connect: buildConnector.connector = (target, callback) => {
    const host = withoutBrackets(target.hostname);
    try {
      if (isIP(host) !== 0) checkAddress(host, target.port, allow);
    } catch (error) {
      return callback(error as Error, null);
    }
    return (isPublicPort(target.port) ? publicPort : anyPort)({ ...target, hostname: host }, callback);
  };

  return new Agent({
    connect,
    headersTimeout: headersTimeoutMs,
    bodyTimeout: bodyTimeoutMs,
    keepAliveTimeout: MAX_IDLE_MS,
    connections: options.connections ?? null,
  });
}

/** One address that must not be called is enough to refuse the name: which of them would be taken is chance. */
function guard(resolve: Resolve, mayCall: (address: string) => boolean): LookupFunction {
  return (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null) return callback(error, '');
      if (first === undefined) return callback(new Error(`${host} has no address`), '');
      const wrong = addresses.find(({ address }) => !mayCall(address));
      if (wrong !== undefined) return callback(refused(host, wrong), '');
      if (options.all === true) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}

function refused(host: string, { address }: LookupAddress): Error {
  // The address itself is for the logs alone: it tells how this network is built.
  return notAllowed('The host of the URL leads to an address or a port that can not be called from here.', {
    host,
    address,
  });
}
