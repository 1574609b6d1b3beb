// Reads `s3://bucket/prefix?region=…&endpoint=…` and knows the address of a key.
import { S3Client } from '@aws-sdk/client-s3';
import { readCount, readFlag, readParameters, wrongAddress } from './store-address.ts';

export const CONNECT_TIMEOUT_MS = 3000;
export const ANSWER_TIMEOUT_MS = 15_000;

export interface S3Location {
  client: S3Client;
  bucket: string;
  /** The key in the bucket for a key of the store. */
  fullKey(key: string): string;
  /** Where requests for that key go. */
  urlOf(key: string): URL;
  /** How many streamed uploads may be under way at once; each holds one part in memory. */
  largeUploads: number;
}

export function locateS3(url: string): S3Location {
  const address = new URL(url);
  const { hostname: bucket, pathname } = address;
  if (bucket === '') throw wrongAddress('names no bucket: s3://bucket/prefix');
  const parameters = readParameters(address, ['region', 'endpoint', 'pathStyle', 'largeUploads']);
  const endpoint = parameters.get('endpoint') ?? undefined;
  if (endpoint !== undefined && !/^https?:$/.test(URL.canParse(endpoint) ? new URL(endpoint).protocol : '')) {
    throw wrongAddress('must say endpoint= an URL that begins with http:// or https://');
  }
  const region = parameters.get('region') ?? process.env.AWS_REGION ?? 'us-east-1';
  const pathStyle = readFlag(parameters, 'pathStyle', endpoint !== undefined);
  const largeUploads = readCount(parameters, 'largeUploads', 32, 1000);
  const prefix = pathname.replace(/^\/+|\/+$/g, '');

  const client = new S3Client({
    region,
    forcePathStyle: pathStyle,
    // Servers that only speak the older protocol refuse streamed checksum trailers.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // The SDK waits for ever by default, and a request timeout alone only makes it warn.
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: ANSWER_TIMEOUT_MS,
      throwOnRequestTimeout: true,
      // An answer that begins and does not end.
      socketTimeout: ANSWER_TIMEOUT_MS,
    },
    ...(endpoint === undefined ? {} : { endpoint }),
  });
  const resolved = client.config.endpointProvider({
    Bucket: bucket,
    Region: region,
    ForcePathStyle: pathStyle,
    UseFIPS: false,
    UseDualStack: false,
    ...(endpoint === undefined ? {} : { Endpoint: endpoint }),
  });
  const root = resolved.url.href.replace(/\/$/, '');
  const fullKey = (key: string) => (prefix === '' ? key : `${prefix}/${key}`);

  return {
    client,
    bucket,
    fullKey,
    urlOf: (key) => new URL(`${root}/${fullKey(key).split('/').map(escapeSegment).join('/')}`),
    largeUploads,
  };
}

/** As Signature Version 4 wants it: everything but letters, digits and `-._~`. */
function escapeSegment(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
