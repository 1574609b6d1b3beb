// Reads what stands behind the question mark of OBJECT_STORE_URL. A wrong parameter stops the process with a sentence that names it;
// the value itself is never repeated: it may hold a secret.
import { ConfigError } from './env.ts';

export function wrongAddress(what: string): ConfigError {
  return new ConfigError(`OBJECT_STORE_URL ${what}.`);
}

/** What stands before every key in the bucket, without a slash at its ends. */
export function storePrefix({ pathname }: URL): string {
  return pathname.replace(/^\/+|\/+$/g, '');
}

/** @throws ConfigError for a parameter that is not `known`: a typing error must not pass in silence */
export function readParameters(address: URL, known: readonly string[]): URLSearchParams {
  for (const name of address.searchParams.keys()) {
    if (!known.includes(name))
      throw wrongAddress(`has a parameter that is not known here: ${name} (known: ${known.join(', ')})`);
  }
  return address.searchParams;
}

export function readFlag(parameters: URLSearchParams, name: string, fallback: boolean): boolean {
  const value = parameters.get(name) ?? String(fallback);
  if (value !== 'true' && value !== 'false') throw wrongAddress(`must say ${name}=true or ${name}=false`);
  return value === 'true';
}

export function readCount(parameters: URLSearchParams, name: string, fallback: number, most: number): number {
  const value = Number(parameters.get(name) ?? fallback);
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw wrongAddress(`must say ${name}= a whole number from 1 to ${most}`);
  return value;
}

/** An address of HTTP; undefined where there is none. */
export function readHttpUrl(parameters: URLSearchParams, name: string): string | undefined {
  const value = parameters.get(name) ?? undefined;
  if (value !== undefined && !/^https?:$/.test(URL.canParse(value) ? new URL(value).protocol : ''))
    throw wrongAddress(`must say ${name}= an URL that begins with http:// or https://`);
  return value;
}
