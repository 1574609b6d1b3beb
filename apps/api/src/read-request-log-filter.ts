// What is asked of the request log, as the database takes it.
import { isIP } from 'node:net';
import { AppError } from '@tintype/core';
import type { RequestLogCursor, RequestLogQuery } from '@tintype/prisma';
import { plainAddress } from './client-address.ts';
import { dateOf } from './date-of.ts';
import type { RequestLogFilter } from './schemas/request-log.ts';

/** PostgreSQL's bigint. */
const MOST = 2n ** 63n - 1n;
/** What IPv4 in IPv6 has before the IPv4: ::ffff:0:0/96. */
const MAPPED_BITS = 96;

/** @throws AppError INVALID_REQUEST naming the parameter */
export function readRequestLogFilter(
  filter: Omit<RequestLogFilter, 'format' | 'limit'>,
): Omit<RequestLogQuery, 'limit'> {
  const { after, before, network, method, route, status, principal, tenantId, requestId, cursor } = filter;
  return {
    ...{ route, principal, tenantId, requestId },
    after: dateOf('after', after),
    before: dateOf('before', before),
    network: network === undefined ? undefined : networkOf(network),
    method: method?.toUpperCase(),
    status: status === undefined ? undefined : statusesOf(status),
    cursor: cursor === undefined ? undefined : cursorOf(cursor),
  };
}

export function writeCursor({ at, id }: RequestLogCursor): string {
  return `${at.getTime()}-${id}`;
}

function cursorOf(text: string): RequestLogCursor {
  const [, at = '', id = ''] = /^(-?\d+)-(\d+)$/.exec(text) ?? [];
  if (BigInt(id) > MOST) throw wrong('cursor', 'is no cursor of this log');
  return { at: new Date(Number(at)), id: BigInt(id) };
}

function statusesOf(text: string): { from: number; to: number } {
  const from = Number(text.replace(/x/gi, '0'));
  return { from, to: /x/i.test(text) ? from + 99 : from };
}

function networkOf(text: string): string {
  const [written = '', length] = text.split('/');
  const address = plainAddress(written);
  const [family, familyWritten] = [isIP(address ?? ''), isIP(written)];
  const bits = length === undefined ? undefined : Number(length) - (familyWritten > family ? MAPPED_BITS : 0);
  if (address === undefined || (bits !== undefined && (bits < 0 || bits > (family === 4 ? 32 : 128))))
    throw wrong('network', 'is neither an address nor a network');
  return bits === undefined ? address : `${address}/${bits}`;
}

function wrong(name: string, message: string): AppError {
  return new AppError('INVALID_REQUEST', {
    message: `${name} ${message}.`,
    problems: [{ pointer: `/${name}`, message }],
  });
}
