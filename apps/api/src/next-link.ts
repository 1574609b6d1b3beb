// The address of the page behind this one: the same request from another place on.
import type { FastifyRequest } from 'fastify';

export function nextLink(
  { routeOptions, query }: FastifyRequest,
  [name, cursor]: [name: string, cursor: string],
): string {
  const next = new URLSearchParams();
  for (const [key, value] of Object.entries(query as Record<string, unknown>)) {
    for (const one of [value].flat()) next.append(key, String(one));
  }
  next.set(name, cursor);
  return `${routeOptions.url}?${next}`;
}
