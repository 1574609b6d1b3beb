// Knows how to say that a service cannot be had on this machine. Refuses to know how one is started.

/** Thrown when none of the ways to get a service is possible here; tests skip on it. */
export class ServiceUnavailableError extends Error {
  override name = 'ServiceUnavailableError';
  readonly service: 'redis' | 's3';
  /** One sentence. */
  readonly reason: string;

  constructor(service: 'redis' | 's3', reason: string) {
    super(`${service} is not available: ${reason}`);
    this.service = service;
    this.reason = reason;
  }
}
