// Reads `s3://bucket/prefix?region=…&endpoint=…` and knows the address of a key.
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import {
  readCount,
  readFlag,
  readHttpUrl,
  readParameters,
  storePrefix,
  wrongAddress,
} from './store-address.ts';

export const CONNECT_TIMEOUT_MS = 3000;
export const ANSWER_TIMEOUT_MS = 15_000;

const PARAMETERS = ['region', 'endpoint', 'publicEndpoint', 'pathStyle', 'largeUploads'];

export interface S3Location {
  client: S3Client;
  /** Signs for those who reach the store by another name; sends nothing. */
  publicClient: S3Client;
  bucket: string;
  /** The key in the bucket for a key of the store. */
  fullKey(key: string): string;
  /** Where requests for that key go. */
  urlOf(key: string): URL;
  /** Names that key as the source of a copy. */
  copySource(key: string): string;
  /** How many streamed uploads may be under way at once; each holds one part in memory. */
  largeUploads: number;
}

export function locateS3(url: string): S3Location {
  const address = new URL(url);
  const { hostname: bucket } = address;
  if (bucket === '') throw wrongAddress('names no bucket: s3://bucket/prefix');
  const parameters = readParameters(address, PARAMETERS);
  const endpoint = readHttpUrl(parameters, 'endpoint');
  const publicEndpoint = readHttpUrl(parameters, 'publicEndpoint');
  const region = parameters.get('region') ?? process.env.AWS_REGION ?? 'us-east-1';
  const pathStyle = readFlag(parameters, 'pathStyle', endpoint !== undefined);
  const largeUploads = readCount(parameters, 'largeUploads', 32, 1000);
  const prefix = storePrefix(address);

  const settings: S3ClientConfig = {
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
  };
  const clientAt = (at: string | undefined) =>
    new S3Client({ ...settings, ...(at === undefined ? {} : { endpoint: at }) });
  const client = clientAt(endpoint);
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
  const pathOf = (key: string) => fullKey(key).split('/').map(escapeSegment).join('/');

  return {
    client,
    publicClient: publicEndpoint === undefined ? client : clientAt(publicEndpoint),
    bucket,
    fullKey,
    urlOf: (key) => new URL(`${root}/${pathOf(key)}`),
    copySource: (key) => `/${bucket}/${pathOf(key)}`,
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
