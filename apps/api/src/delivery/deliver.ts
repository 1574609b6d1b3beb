// Answers a request with a picture: has it made where it is not there, and says how long it may be kept.
import type { Readable } from 'node:stream';
import { AppError, mimeTypeOf, type Transform } from '@tintype/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerBytes, type ByteSource } from '../answer-bytes.ts';
import { clientGone } from '../client-gone.ts';
import type { ApiConfig } from '../config.ts';
import type { Deps } from '../deps.ts';
import { roomLimitsOf } from '../limits/room.ts';
import { ownOf, principalOf } from '../principal.ts';
import { acceptedOf } from './accept-format.ts';
import { askForDerivative, forgetLost, type Made, type RenderDeps } from './ask-for-derivative.ts';
import { cacheControlOf } from './cache-control.ts';
import { type HandOver, handOver } from './hand-over.ts';
import type { DeliveryMemory } from './memory.ts';
import type { Source } from './source.ts';
import { rememberWish, type Wish, wishOf } from './wish.ts';

export interface Delivery extends HandOver {
  config: HandOver['config'] &
    Pick<ApiConfig, 'renderWaitMs' | 'renderFailedMs' | 'maxDerivativesPerImage' | 'presets'>;
  deps: Pick<Deps, 'finished' | 'makings' | 'telemetry' | 'objects'>;
  memory: DeliveryMemory;
}

export interface Wanted {
  source: Source;
  transform: Transform;
  /** It was asked for at upload, and stays as long as its image. */
  isKept?: boolean;
  /** Nothing else will ever be at this address. */
  isFixed: boolean;
}

interface Exchange {
  request: FastifyRequest;
  reply: FastifyReply;
}

/** Answers the body, which is still to be sent, or that CloudFront has it. @throws AppError see {@link askForDerivative}; RANGE_NOT_SATISFIABLE, OBJECT_STORE_UNAVAILABLE */
export async function deliver(
  { source, transform, isKept = false, isFixed }: Wanted,
  exchange: Exchange,
  delivery: Delivery,
): Promise<Readable | Buffer | FastifyReply> {
  const { request } = exchange;
  const { config, deps, memory } = delivery;
  const isAuto = transform.format === 'auto';
  const accepted = isAuto ? acceptedOf(request.headers.accept) : undefined;
  const wish = rememberWish(source, `${accepted} ${request.url}`, () => wishOf(source, transform, accepted));
  const renderDeps: RenderDeps = { ...deps, config, memory, own: ownOf(request), log: request.log };
  const vary = isAuto ? { vary: 'Accept' } : {};
  const headers = {
    'cache-control': cacheControlOf(request, { isFixed, mostSeconds: config.deliveryMaxAgeSeconds }),
    'content-disposition': 'inline',
    ...vary,
  };
  // An object that was lost from the store is made anew, once.
  for (const isLast of [false, true]) {
    const made = await ask(wish, { ...exchange, isKept }, renderDeps);
    const { objectKey, bytes: totalBytes, sha256Hex, format } = made;
    const etag = `"${sha256Hex}"`;
    const handed = handOver({ made, etag, isFixed, vary }, exchange, delivery);
    if (handed !== undefined) return handed;
    const stored = {
      objectKey,
      totalBytes,
      etag,
      contentType: mimeTypeOf(format),
      headers,
    };
    const body = await answerBytes(stored, exchange, rememberBytes(made, delivery));
    if (body !== undefined) return body;
    if (!isLast) await forgetLost(made, wish, renderDeps);
  }
  throw new AppError('RENDER_TIMEOUT');
}

async function ask(
  wish: Wish,
  { request, reply, isKept }: Exchange & { isKept: boolean },
  deps: RenderDeps,
): Promise<Made> {
  const asker = {
    requestId: request.id,
    isKept,
    traceparent: request.traceparent,
    room: roomLimitsOf(principalOf(request)),
    signal: () => clientGone(reply.raw),
  };
  const { made, hasWaited } = await askForDerivative(wish, asker, deps);
  // Whose key was revoked meanwhile is told nothing.
  if (hasWaited) await request.server.authenticate(request);
  return made;
}

/** The store, but for small pictures that were delivered a moment ago. */
function rememberBytes(
  { bytes, imageId }: Made,
  { memory, deps: { objects } }: Pick<Delivery, 'memory' | 'deps'>,
): ByteSource {
  async function read(objectKey: string): Promise<Buffer | undefined> {
    const known = memory.bytes.get(objectKey);
    if (known !== undefined) return known;
    const read = await objects.read(objectKey, bytes);
    if (read !== undefined) memory.bytes.put(objectKey, { bytes: read, imageId });
    return read;
  }

  return {
    open: async (objectKey, range) => {
      if (bytes > memory.bytes.mostBytes) return objects.open(objectKey, range);
      const all = await read(objectKey);
      return all && { body: range === undefined ? all : all.subarray(range.first, range.last + 1) };
    },
  };
}
