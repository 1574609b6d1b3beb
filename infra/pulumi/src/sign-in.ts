// People log in by Amazon Cognito, by choice: a pool of people, a client for pages, a group for those who operate the service.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import * as random from '@pulumi/random';
import type { LoadBalancer } from './load-balancer.ts';
import type { Settings } from './settings.ts';

export interface SignInArgs {
  settings: Settings;
  loadBalancer: Pick<LoadBalancer, 'url'>;
}

export class SignIn extends pulumi.ComponentResource {
  /** OIDC_ISSUER of the api. */
  readonly issuer: pulumi.Output<string>;
  /** OIDC_AUDIENCE. */
  readonly clientId: pulumi.Output<string>;
  /** OIDC_GROUPS_CLAIM: Cognito writes it, people can not. */
  readonly groupsClaim = 'cognito:groups';
  /** OIDC_ADMIN_GROUP. */
  readonly adminGroup = 'tintype-admins';

  constructor(
    name: string,
    { settings, loadBalancer }: SignInArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super('tintype:index:SignIn', name, {}, options);
    const parent = { parent: this };
    const pool = makePool(settings, parent);
    const userPoolId = pool.id;
    const client = makeClient(settings, { userPoolId, url: loadBalancer.url }, parent);
    // Of all pools of all accounts in a region no two have the same; AWS takes none with "aws" or "cognito" in it, as the stack's name may have.
    const suffix = new random.RandomId(`${settings.name}-login`, { byteLength: 6 }, parent);
    new aws.cognito.UserPoolDomain(
      `${settings.name}-login`,
      { userPoolId, domain: pulumi.interpolate`tintype-${suffix.hex}` },
      parent,
    );
    new aws.cognito.UserGroup(
      `${settings.name}-admins`,
      { userPoolId, name: this.adminGroup, description: 'Those who operate the service.' },
      parent,
    );
    this.issuer = pulumi.interpolate`https://${pool.endpoint}`;
    this.clientId = client.id;
    this.registerOutputs({ issuer: this.issuer, clientId: this.clientId });
  }
}

function makePool(
  { name, protect, environment }: Settings,
  options: pulumi.CustomResourceOptions,
): aws.cognito.UserPool {
  return new aws.cognito.UserPool(
    name,
    {
      ...{ usernameAttributes: ['email'], autoVerifiedAttributes: ['email'] },
      usernameConfiguration: { caseSensitive: false },
      passwordPolicy: {
        ...{ minimumLength: 12, temporaryPasswordValidityDays: 7 },
        ...{ requireLowercase: false, requireNumbers: false, requireSymbols: false, requireUppercase: false },
      },
      ...{ mfaConfiguration: 'OPTIONAL', softwareTokenMfaConfiguration: { enabled: true } },
      accountRecoverySetting: { recoveryMechanisms: [{ name: 'verified_email', priority: 1 }] },
      // Whoever has a token has an account: where the service takes nobody new, the pool does not either.
      adminCreateUserConfig: { allowAdminCreateUserOnly: environment.REGISTRATION === 'closed' },
      // A new address counts once it is proved: until then the old one does.
      userAttributeUpdateSettings: { attributesRequireVerificationBeforeUpdates: ['email'] },
      deletionProtection: protect ? 'ACTIVE' : 'INACTIVE',
      tags: { Name: name },
    },
    { ...options, protect },
  );
}

interface ClientArgs {
  userPoolId: pulumi.Output<string>;
  url: pulumi.Output<string>;
}

/** For pages and programs that can keep no secret: the code with PKCE. */
function makeClient(
  { name, domain }: Settings,
  { userPoolId, url }: ClientArgs,
  options: pulumi.CustomResourceOptions,
): aws.cognito.UserPoolClient {
  // Cognito sends nobody to plain HTTP but on his own machine.
  const own = domain === undefined ? [] : [pulumi.interpolate`${url}/callback`];
  return new aws.cognito.UserPoolClient(
    name,
    {
      ...{ userPoolId, generateSecret: false, supportedIdentityProviders: ['COGNITO'] },
      ...{ allowedOauthFlowsUserPoolClient: true, allowedOauthFlows: ['code'] },
      allowedOauthScopes: ['openid', 'email', 'profile'],
      callbackUrls: [...own, 'http://localhost:8080/callback'],
      explicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      ...{ preventUserExistenceErrors: 'ENABLED', enableTokenRevocation: true },
      ...{ accessTokenValidity: 60, idTokenValidity: 60, refreshTokenValidity: 30 },
      tokenValidityUnits: { accessToken: 'minutes', idToken: 'minutes', refreshToken: 'days' },
    },
    options,
  );
}
