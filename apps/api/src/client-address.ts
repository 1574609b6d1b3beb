// Where a request comes from, written in one way: one address, one text. Whose X-Forwarded-For counts is the server's to know.
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';

/** An IPv4 address, also where it came as IPv4 in IPv6, or an IPv6 address in its short form; as PostgreSQL's `inet` takes it. */
export function clientAddress({ ip, socket }: Pick<FastifyRequest, 'ip' | 'socket'>): string {
  return plainAddress(ip) ?? plainAddress(socket.remoteAddress) ?? '0.0.0.0';
}

/** Undefined for what is no address. */
export function plainAddress(text = ''): string | undefined {
  // Which of our own network cards it came through is no part of it: fe80::1%eth0.
  const [address = ''] = text.split('%');
  const family = isIP(address);
  if (family !== 6) return family === 4 ? address : undefined;
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short) ?? [];
  return high === undefined || low === undefined ? short : [...bytesOf(high), ...bytesOf(low)].join('.');
}

function bytesOf(group: string): [number, number] {
  const number = Number.parseInt(group, 16);
  return [number >> 8, number & 255];
}
