// API Gateway in front, by choice: its keys, its plans of use, and a link through the VPC to the load balancer. Knows no path of the API.
import { createHash } from 'node:crypto';
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { GATEWAY_STAGE } from './gateway-stage.ts';
import type { LoadBalancer } from './load-balancer.ts';
import type { Network } from './network.ts';
import type { SecurityGroups } from './security-groups.ts';
import type { Settings } from './settings.ts';

export interface GatewayArgs {
  settings: Settings;
  network: Pick<Network, 'publicSubnetIds'>;
  securityGroups: Pick<SecurityGroups, 'gatewayLinkId'>;
  loadBalancer: Pick<LoadBalancer, 'arn' | 'url' | 'idleSeconds'>;
}

/**
 * API Gateway reads its own key from X-API-Key, which is where Tintype reads its one. So here Tintype's key is sent in X-Tintype-Key, and the gateway
 * puts it in the place of its own; without it a request is refused.
 */
const KEY_HEADER = 'X-Tintype-Key';

export class Gateway extends pulumi.ComponentResource {
  readonly url: pulumi.Output<string>;
  readonly usagePlanId: pulumi.Output<string>;
  /** Of the first key: `aws apigateway get-api-key --include-value` tells it. */
  readonly apiKeyId: pulumi.Output<string>;

  constructor(name: string, args: GatewayArgs, options: pulumi.ComponentResourceOptions) {
    super('tintype:index:Gateway', name, {}, options);
    const { settings } = args;
    const parent = { parent: this };
    const api = new aws.apigateway.RestApi(
      settings.name,
      {
        ...{
          description: settings.name,
          apiKeySource: 'HEADER',
          endpointConfiguration: { types: 'REGIONAL' },
        },
        // Bodies are pictures: none is to be taken for text.
        binaryMediaTypes: ['*/*'],
        tags: { Name: settings.name },
      },
      parent,
    );
    const stage = makeStage(args, api, parent);
    const plan = makePlan(settings, { api, stage }, parent);
    const key = new aws.apigateway.ApiKey(
      settings.name,
      { description: 'The first; others are made by hand.', tags: { Name: settings.name } },
      parent,
    );
    new aws.apigateway.UsagePlanKey(
      settings.name,
      { keyId: key.id, keyType: 'API_KEY', usagePlanId: plan.id },
      parent,
    );
    this.url = stage.invokeUrl;
    this.usagePlanId = plan.id;
    this.apiKeyId = key.id;
    this.registerOutputs({ url: this.url });
  }
}

function makeStage(
  args: GatewayArgs,
  api: aws.apigateway.RestApi,
  options: pulumi.CustomResourceOptions,
): aws.apigateway.Stage {
  const { name, gateway } = args.settings;
  const proxy = makeProxy(args, api, options);
  const deployment = new aws.apigateway.Deployment(
    name,
    {
      restApi: api.id,
      // A deployment is a picture of the API at that time: what is changed needs another.
      triggers: { definition: pulumi.jsonStringify(proxy.definition).apply(digestOf) },
    },
    { ...options, dependsOn: proxy.parts },
  );
  // Its requests are in the load balancer's log: a log of its own would need a role that all of an account's stacks share.
  const stage = new aws.apigateway.Stage(
    name,
    { restApi: api.id, deployment: deployment.id, stageName: GATEWAY_STAGE, tags: { Name: name } },
    options,
  );
  new aws.apigateway.MethodSettings(
    name,
    {
      ...{ restApi: api.id, stageName: stage.stageName, methodPath: '*/*' },
      settings: {
        ...{ metricsEnabled: true, throttlingBurstLimit: gateway.burst },
        throttlingRateLimit: gateway.requestsPerSecond,
      },
    },
    options,
  );
  return stage;
}

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');

/** Every path and method, to the load balancer. */
function makeProxy(
  { settings, network, securityGroups, loadBalancer }: GatewayArgs,
  api: aws.apigateway.RestApi,
  options: pulumi.CustomResourceOptions,
) {
  const { name } = settings;
  // In the load balancer's own networks: so its addresses are of proxies that the api trusts to say who asks.
  const link = new aws.apigatewayv2.VpcLink(
    name,
    {
      ...{ subnetIds: network.publicSubnetIds, securityGroupIds: [securityGroups.gatewayLinkId] },
      tags: { Name: name },
    },
    options,
  );
  const restApi = api.id;
  const resource = new aws.apigateway.Resource(
    name,
    { restApi, parentId: api.rootResourceId, pathPart: '{proxy+}' },
    options,
  );
  const validator = new aws.apigateway.RequestValidator(
    name,
    { restApi, validateRequestParameters: true, validateRequestBody: false },
    options,
  );
  const required = { [`method.request.header.${KEY_HEADER}`]: true, 'method.request.path.proxy': true };
  const method = new aws.apigateway.Method(
    name,
    {
      ...{ restApi, resourceId: resource.id, httpMethod: 'ANY', authorization: 'NONE', apiKeyRequired: true },
      ...{ requestParameters: required, requestValidatorId: validator.id },
    },
    options,
  );
  const definition = {
    ...{ type: 'HTTP_PROXY', integrationHttpMethod: 'ANY', connectionType: 'VPC_LINK' },
    ...{ connectionId: link.id, integrationTarget: loadBalancer.arn },
    uri: pulumi.interpolate`${loadBalancer.url}/{proxy}`,
    requestParameters: {
      'integration.request.header.X-API-Key': `method.request.header.${KEY_HEADER}`,
      'integration.request.path.proxy': 'method.request.path.proxy',
      // In place of whatever the client says of itself.
      'integration.request.header.X-Forwarded-For': 'context.identity.sourceIp',
    },
    // Answers pass as they come: originals of any size, streams of events, and ?wait= beyond the usual 29 s.
    ...{ responseTransferMode: 'STREAM', timeoutMilliseconds: STREAM_MS },
  };
  const integration = new aws.apigateway.Integration(
    name,
    { restApi, resourceId: resource.id, httpMethod: method.httpMethod, ...definition },
    options,
  );
  return { definition: { ...definition, required }, parts: [method, integration] };
}

/** The longest that API Gateway knows: a quarter of an hour. */
const STREAM_MS = 900_000;

function makePlan(
  { name, gateway }: Settings,
  { api, stage }: { api: aws.apigateway.RestApi; stage: aws.apigateway.Stage },
  options: pulumi.CustomResourceOptions,
): aws.apigateway.UsagePlan {
  return new aws.apigateway.UsagePlan(
    name,
    {
      description: `${name}: what one key may do`,
      apiStages: [{ apiId: api.id, stage: stage.stageName }],
      throttleSettings: { rateLimit: gateway.requestsPerSecond, burstLimit: gateway.burst },
      quotaSettings: { limit: gateway.requestsPerMonth, period: 'MONTH' },
      tags: { Name: name },
    },
    options,
  );
}
