// What the API wants of an OIDC provider: who a bearer token speaks for. Knows neither the provider nor how tokens are checked.

export interface VerifiedToken {
  /** With the issuer, what a person is known by. */
  subject: string;
  issuer: string;
  email: string | null;
  name: string | null;
  /** The provider says that he operates the service. */
  isAdmin: boolean;
  expiresAt: Date;
}

export interface TokenVerifier {
  /** @throws AppError UNAUTHENTICATED for whatever is no token of that provider, or is one no longer */
  verify(token: string): Promise<VerifiedToken>;
}
