// Opens what stands behind an URL that somebody else named, by the rules for outgoing requests: of the URL and of whatever it leads on to.
import type { Readable } from 'node:stream';
import { AppError, checkUrl, type OutgoingRules, tooLarge } from '@tintype/core';
import type { Dispatcher } from 'undici';
import { decoded } from './decoded.ts';
import { refusalOf } from './refusal-of.ts';
import { fileNameOf, mimeTypeIn } from './remote-names.ts';
import { withoutAnswer } from './without-answer.ts';

export interface OpenedUrl {
  body: Readable;
  fileName: string | null;
  declaredMimeType: string | null;
}

export interface OpenUrlOptions extends OutgoingRules {
  agent: Dispatcher;
  maxBytes: number;
  /** Ends the request and, later, the body; its reason is what is thrown. */
  signal: AbortSignal;
}

const MAX_REDIRECTS = 3;

/** 300 and 304 lead nowhere. */
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

const HEADERS = {
  'user-agent': 'Tintype (image fetch)',
  accept: 'image/*, */*;q=0.1',
  'accept-encoding': 'identity',
};

/**
 * The body must be read or destroyed.
 * @throws AppError URL_NOT_ALLOWED, URL_NOT_FOUND, URL_REFUSED, URL_TOO_MANY_REDIRECTS, URL_UNREACHABLE, URL_SERVER_ERROR, URL_TIMEOUT,
 * IMAGE_TOO_LARGE
 */
export async function openUrl(text: string, options: OpenUrlOptions): Promise<OpenedUrl> {
  let url = checkUrl(text, options);
  for (let redirects = 0; ; redirects += 1) {
    const answer = await ask(url, options);
    try {
      if (!REDIRECTS.has(answer.statusCode)) return open(url, answer, options.maxBytes);
      if (redirects === MAX_REDIRECTS) throw new AppError('URL_TOO_MANY_REDIRECTS');
      url = checkUrl(locationOf(url, answer), options);
    } catch (error) {
      drop(answer);
      throw error;
    }
    drop(answer);
  }
}

async function ask(
  { origin, pathname, search }: URL,
  { agent, signal }: OpenUrlOptions,
): Promise<Dispatcher.ResponseData> {
  const request = { origin, path: `${pathname}${search}`, method: 'GET', headers: HEADERS, signal } as const;
  try {
    return await unlessAborted(agent.request(request), signal);
  } catch (error) {
    throw withoutAnswer(error);
  }
}

/** undici hears of an abort only once it is connected. */
async function unlessAborted<Result>(request: Promise<Result>, signal: AbortSignal): Promise<Result> {
  let stopListening: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    stopListening = () => signal.removeEventListener('abort', onAbort);
  });
  request.catch(() => undefined);
  try {
    return await Promise.race([request, aborted]);
  } finally {
    stopListening();
  }
}

/** @throws AppError URL_REFUSED */
function locationOf(url: URL, { statusCode, headers: { location } }: Dispatcher.ResponseData): string {
  if (typeof location === 'string' && URL.canParse(location, url.href)) return new URL(location, url).href;
  throw new AppError('URL_REFUSED', {
    message: `The server at the address answered ${statusCode} and did not say where to go.`,
  });
}

function open(url: URL, { statusCode, headers, body }: Dispatcher.ResponseData, maxBytes: number): OpenedUrl {
  const refusal = refusalOf(statusCode, headers);
  if (refusal !== undefined) throw refusal;
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  return {
    body: decoded(body, headers['content-encoding']),
    fileName: fileNameOf(url, headers['content-disposition']),
    declaredMimeType: mimeTypeIn(headers['content-type']),
  };
}

/** Nobody reads the body: its connection ends with it. */
function drop({ body }: Dispatcher.ResponseData): void {
  body.on('error', () => undefined).destroy();
}
