// Answers a request with bytes of the object store: all of them, a range, or that they have not changed. Knows no images and no caches.
import { Readable } from 'node:stream';
import { AppError, type ByteRange } from '@tintype/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readConditions, type WantedBytes } from './conditional-request.ts';

/** Where bytes come from: the object store, or something before it that has them in memory. */
export interface ByteSource {
  open(objectKey: string, range?: ByteRange): Promise<{ body: Readable | Buffer } | undefined>;
}

/** What the headers say of an object. */
export interface StoredBytes {
  objectKey: string;
  /** Quoted, and strong: the same tag means the same bytes. */
  etag: string;
  totalBytes: number;
  contentType: string;
  /** Beside those about the bytes; on 304 too, as RFC 9110 wants it of Cache-Control and Vary. */
  headers: Record<string, string>;
}

export const bytesHeaders = {
  etag: { type: 'string', description: 'Changes with the bytes; quoted.' },
  'accept-ranges': { type: 'string', enum: ['bytes'] },
};

/** Of a route whose answer is an image. Its media type is the one of the file. */
const binary = { schema: { type: 'string', format: 'binary' } };
export const bytesContent = { content: { 'image/*': binary, 'application/octet-stream': binary } };

/**
 * Sets status and headers, by the request's method, Range, If-Range and If-None-Match: 200, 206 or 304. Answers the body, which is still to be
 * sent. Undefined: the store has no such object, and nothing is set. HEAD and 304 do not ask the store.
 * @throws AppError RANGE_NOT_SATISFIABLE, OBJECT_STORE_UNAVAILABLE
 */
export async function answerBytes(
  stored: StoredBytes,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  objects: ByteSource,
): Promise<Readable | Buffer | undefined> {
  const { etag, totalBytes } = stored;
  const wanted = readConditions(request, { etag, totalBytes });
  if (wanted.kind === 'unsatisfiable') throw noSuchRange(reply, totalBytes);
  // Opened before any header is set: what the headers say of the file must not stand above an error.
  const body = await openBytes(request, { stored, wanted }, objects);
  if (body === undefined) return undefined;
  reply.headers({
    etag,
    'accept-ranges': 'bytes',
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    ...stored.headers,
  });
  describeBytes(reply, { stored, wanted });
  return body;
}

async function openBytes(
  { method }: FastifyRequest,
  { stored, wanted }: { stored: StoredBytes; wanted: WantedBytes },
  objects: ByteSource,
): Promise<Readable | Buffer | undefined> {
  // An empty stream is the only body for which Fastify leaves content-length to us.
  if (method === 'HEAD' || wanted.kind === 'not-modified') return Readable.from([]);
  const object = await objects.open(stored.objectKey, wanted.kind === 'range' ? wanted.range : undefined);
  return object?.body;
}

/** What the status and the headers say of the bytes that follow. */
function describeBytes(
  reply: FastifyReply,
  { stored, wanted }: { stored: StoredBytes; wanted: WantedBytes },
): FastifyReply {
  const { contentType, totalBytes } = stored;
  if (wanted.kind === 'not-modified') return reply.code(304);
  reply.type(contentType);
  if (wanted.kind !== 'range') return reply.header('content-length', totalBytes);
  const { first, last } = wanted.range;
  return reply
    .code(206)
    .headers({ 'content-range': `bytes ${first}-${last}/${totalBytes}`, 'content-length': last - first + 1 });
}

function noSuchRange(reply: FastifyReply, totalBytes: number): AppError {
  reply.header('content-range', `bytes */${totalBytes}`);
  return new AppError('RANGE_NOT_SATISFIABLE', {
    message: `The file has ${totalBytes} bytes: the range lies outside.`,
  });
}
