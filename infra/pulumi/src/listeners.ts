// What the load balancer listens to: TLS where there is a certificate, plain HTTP for a demo where there is none. Knows no task.
import * as aws from '@pulumi/aws';
import type * as pulumi from '@pulumi/pulumi';
import { GATEWAY_STAGE } from './gateway-stage.ts';
import type { Settings } from './settings.ts';
import type { TargetGroups } from './target-groups.ts';

/** TLS 1.3, and of TLS 1.2 what has forward secrecy and authenticated encryption. */
const TLS_POLICY = 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06';

export interface ListenersArgs {
  settings: Settings;
  balancerArn: pulumi.Output<string>;
  /** Undefined: plain HTTP. */
  certificateArn: pulumi.Output<string> | undefined;
  targetGroups: TargetGroups;
}

export interface Listeners {
  /** With the api's traffic. */
  main: aws.lb.Listener;
  all: aws.lb.Listener[];
  /** All requests match it: a deployment with two versions moves its weights. */
  rule: aws.lb.ListenerRule;
}

export function makeListeners(args: ListenersArgs, options: pulumi.CustomResourceOptions): Listeners {
  const { settings, balancerArn, certificateArn, targetGroups } = args;
  const { name } = settings;
  // ECS refuses to move weights at a listener of which any rule does something other than to forward: so the default rule, which nothing reaches, forwards.
  const defaultActions = [{ type: 'forward', targetGroupArn: targetGroups.primary.arn }];
  const tags = { Name: name };
  const listen = (label: string, listener: Omit<aws.lb.ListenerArgs, 'loadBalancerArn'>) =>
    new aws.lb.Listener(`${name}-${label}`, { loadBalancerArn: balancerArn, tags, ...listener }, options);
  if (certificateArn === undefined) {
    const main = listen('http', { port: 80, protocol: 'HTTP', defaultActions });
    return { main, all: [main], rule: makeRule(args, main, options) };
  }
  const main = listen('https', {
    ...{ port: 443, protocol: 'HTTPS', sslPolicy: TLS_POLICY, certificateArn, defaultActions },
    // Says to browsers: never by plain HTTP again, for a year.
    routingHttpResponseStrictTransportSecurityHeaderValue: 'max-age=31536000',
  });
  const redirect = listen('http', {
    ...{ port: 80, protocol: 'HTTP' },
    defaultActions: [
      { type: 'redirect', redirect: { port: '443', protocol: 'HTTPS', statusCode: 'HTTP_301' } },
    ],
  });
  return { main, all: [main, redirect], rule: makeRule(args, main, options) };
}

function makeRule(
  { settings, targetGroups: { primary, alternate } }: ListenersArgs,
  listener: aws.lb.Listener,
  options: pulumi.CustomResourceOptions,
): aws.lb.ListenerRule {
  const all = [
    { arn: primary.arn, weight: 100 },
    ...(alternate === undefined ? [] : [{ arn: alternate.arn, weight: 0 }]),
  ];
  return new aws.lb.ListenerRule(
    `${settings.name}-all`,
    {
      ...{ listenerArn: listener.arn, priority: 100 },
      conditions: [{ pathPattern: { values: ['/*'] } }],
      actions: [
        alternate === undefined
          ? { type: 'forward', targetGroupArn: primary.arn }
          : { type: 'forward', forward: { targetGroups: all } },
      ],
      ...(settings.gateway.enabled ? { transforms: [withoutStage] } : {}),
      tags: { Name: `${settings.name}-all` },
    },
    // Which version has how much of the traffic is known to ECS alone.
    { ...options, ...(alternate === undefined ? {} : { ignoreChanges: ['actions'] }) },
  );
}

/** API Gateway puts the name of its stage before the path on some of its ways here. Paths without it stay as they are. */
const withoutStage = {
  type: 'url-rewrite',
  urlRewriteConfig: { rewrite: { regex: `^/${GATEWAY_STAGE}/(.*)$`, replace: '/$1' } },
};
