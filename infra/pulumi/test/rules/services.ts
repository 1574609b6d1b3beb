// Rules about services: how they are rolled out, what they wait for, and how many there are.
import type { Recorded } from '../recorded.ts';
import { differs, each, type Rule } from '../rule.ts';
import { all, at, behind, groundOf, kindOf, listOf, one, type Stack, textsOf } from '../stack.ts';

const SERVICE = 'ecs:Service';

/** A rule that a resource stands, by whatever way, on all of some kinds. */
const stands = (kind: string, ending: string, on: string[], name: string): Rule => ({
  name,
  *check(stack) {
    const ground = groundOf(stack, one(stack, kind, ending));
    for (const wanted of on) {
      const needed = all(stack, wanted);
      if (needed.length === 0) yield `there is no ${wanted}`;
      for (const { urn, name: missing } of needed) if (!ground.has(urn)) yield `not on ${wanted} ${missing}`;
    }
  },
});

/** Groups of what the migration is, and of what it calls. */
const doorsOfTasks = (stack: Stack): Recorded[] =>
  all(stack, 'vpc:SecurityGroupEgressRule', 'vpc:SecurityGroupIngressRule').filter(({ inputs }) =>
    /-(worker|database|cache|endpoints)$/.test(behind(stack, inputs.securityGroupId)?.name ?? ''),
  );

const waysOfTasks = (stack: Stack): Recorded[] => {
  const tier = stack.settings.network.egress === 'public' ? '-public' : '-private';
  const ways = all(stack, 'ec2:RouteTableAssociation', 'ec2:Route').filter(({ name }) => name.includes(tier));
  return [...ways, ...all(stack, 'ec2:VpcEndpoint')];
};

const policyOf = (stack: Stack, ending: string): Recorded => one(stack, 'appautoscaling:Policy', ending);
const tracked = 'targetTrackingScalingPolicyConfiguration';

const ofTasks = (stack: Stack): Recorded[] =>
  all(stack, 'iam:RolePolicy').filter(({ name }) => /-(api|worker|execution|migrate-start)$/.test(name));

export const SERVICES: Rule[] = [
  each(SERVICE, 'a version that does not come up is taken back', ({ inputs }) => [
    differs('circuit breaker', at(inputs, 'deploymentCircuitBreaker.enable'), true),
    differs('rollback', at(inputs, 'deploymentCircuitBreaker.rollback'), true),
  ]),
  each(
    SERVICE,
    'there are never less tasks than there should be, and at most twice as many',
    ({ inputs }) => [
      differs('minimum', inputs.deploymentMinimumHealthyPercent, 100),
      differs('maximum', inputs.deploymentMaximumPercent, 200),
    ],
  ),
  each(SERVICE, 'how many tasks there are is left to scaling', ({ ignoreChanges }) =>
    differs('ignoreChanges', ignoreChanges, ['desiredCount']),
  ),
  each(
    SERVICE,
    'tasks have public addresses where there is no other way out, and only there',
    ({ inputs }, stack) => {
      const isPublic = stack.settings.network.egress === 'public';
      const tier = isPublic ? '-public' : '-private';
      const subnets = textsOf(at(inputs, 'networkConfiguration.subnets')).map(
        (id) => behind(stack, id)?.name ?? id,
      );
      return [
        differs('assignPublicIp', at(inputs, 'networkConfiguration.assignPublicIp'), isPublic),
        differs('subnets', subnets.length, stack.settings.network.zones),
        subnets.some((name) => !name.includes(tier)) && `it runs in ${subnets.join()}`,
      ];
    },
  ),
  each(SERVICE, 'a service has its own security group, and no other', ({ name, inputs }, stack) => {
    const groups = textsOf(at(inputs, 'networkConfiguration.securityGroups')).map(
      (id) => behind(stack, id)?.name,
    );
    return differs('groups', groups, [`${stack.settings.name}-${name.split('-').at(-1)}`]);
  }),
  each(SERVICE, 'an update ends when the new version runs, or fails', ({ inputs }) =>
    differs('waitForSteadyState', inputs.waitForSteadyState, true),
  ),
  {
    name: 'the api takes over as was asked for, with an alarm that takes it back',
    *check(stack) {
      const { inputs } = one(stack, SERVICE, '-api');
      const { deployment, bakeMinutes } = stack.settings.api;
      const strategy = at(inputs, 'deploymentConfiguration.strategy');
      if (strategy !== deployment) yield `by ${String(strategy)}`;
      if (at(inputs, 'alarms.rollback') !== true || listOf(at(inputs, 'alarms.alarmNames')).length === 0)
        yield 'no alarm takes it back';
      const bakes = at(inputs, 'deploymentConfiguration.bakeTimeInMinutes');
      if (deployment !== 'ROLLING' && bakes !== String(bakeMinutes))
        yield `the old one stays ${String(bakes)} minutes`;
      const other = behind(
        stack,
        at(inputs, 'loadBalancers.0.advancedConfiguration.alternateTargetGroupArn'),
      );
      if ((other !== undefined) !== (deployment !== 'ROLLING'))
        yield 'there is no second group of targets, or one too many';
      if (other !== undefined && other === behind(stack, at(inputs, 'loadBalancers.0.targetGroupArn')))
        yield 'both are one group';
    },
  },
  {
    name: 'with two groups of targets, both are there, and a rule that moves traffic',
    when: ({ api }) => api.deployment !== 'ROLLING',
    *check(stack) {
      if (all(stack, 'lb:TargetGroup').length !== 2) yield 'there are not two';
      const rule = at(
        one(stack, SERVICE, '-api').inputs,
        'loadBalancers.0.advancedConfiguration.productionListenerRule',
      );
      const found = behind(stack, rule);
      if (found === undefined || kindOf(found) !== 'lb:ListenerRule') yield `the rule is ${String(rule)}`;
      else if (!found.ignoreChanges.some((path) => path.startsWith('action')))
        yield 'an update would move traffic back';
    },
  },
  {
    name: 'workers run on interruptible capacity where it was asked for',
    *check(stack) {
      const strategies = listOf(one(stack, SERVICE, '-worker').inputs.capacityProviderStrategies);
      const providers = strategies.map((each) => at(each, 'capacityProvider'));
      if (providers.includes('FARGATE_SPOT') !== stack.settings.worker.spot) yield providers.join();
      const { inputs } = one(stack, SERVICE, '-api');
      if (JSON.stringify(inputs.capacityProviderStrategies ?? []).includes('SPOT'))
        yield 'and so does the api';
    },
  },
  stands(SERVICE, '-api', ['lb:Listener'], 'the api waits for what listens for it'),
  stands(SERVICE, '-api', ['command:Command'], 'the api waits for the migration'),
  stands(SERVICE, '-worker', ['command:Command'], 'the worker waits for the migration'),
  stands(
    'command:Command',
    '',
    ['rds:Instance', 'secretsmanager:SecretVersion'],
    'the migration waits for the database and its secrets',
  ),
  {
    name: 'the migration waits until tasks can reach what they need',
    *check(stack) {
      const ground = groundOf(stack, one(stack, 'command:Command'));
      for (const { urn, name, type } of [...doorsOfTasks(stack), ...waysOfTasks(stack)])
        if (!ground.has(urn)) yield `not on ${type.split(':').at(-1)} ${name}`;
    },
  },
  {
    name: 'nothing is started before its roles may do what they must',
    *check(stack) {
      const policies = ofTasks(stack);
      if (policies.length < 4) yield `there are ${policies.length} policies`;
      for (const { urn, name } of [...all(stack, SERVICE), one(stack, 'command:Command')]) {
        const ground = groundOf(
          stack,
          all(stack, SERVICE, 'command:Command').find((each) => each.urn === urn) as Recorded,
        );
        for (const policy of policies)
          if (!ground.has(policy.urn)) yield `${name} does not wait for ${policy.name}`;
      }
    },
  },
  {
    name: 'each service scales between the numbers of tasks that were asked for',
    *check(stack) {
      for (const which of ['api', 'worker'] as const) {
        const { inputs } = one(stack, 'appautoscaling:Target', `-${which}`);
        const { minTasks, maxTasks } = stack.settings[which];
        const wrong = differs(which, [inputs.minCapacity, inputs.maxCapacity], [minTasks, maxTasks]);
        if (wrong !== undefined) yield wrong;
        const id = String(inputs.resourceId);
        if (!id.startsWith('service/') || !id.includes(`${stack.settings.name}-${which}`))
          yield `${which}: scales ${id}`;
        if (Number(one(stack, SERVICE, `-${which}`).inputs.desiredCount) !== minTasks)
          yield `${which}: begins with another number`;
      }
    },
  },
  {
    name: 'the api follows requests and processors',
    *check(stack) {
      const requests = policyOf(stack, '-api-requests').inputs;
      if (at(requests, `${tracked}.targetValue`) !== stack.settings.api.requestsPerTask)
        yield 'by another number of requests';
      const metric = at(
        policyOf(stack, '-api-cpu').inputs,
        `${tracked}.predefinedMetricSpecification.predefinedMetricType`,
      );
      if (metric !== 'ECSServiceAverageCPUUtilization') yield `processors: ${String(metric)}`;
    },
  },
  {
    name: 'workers follow the backlog of one task: what it does within the latency that is wanted',
    *check(stack) {
      const { inputs } = policyOf(stack, '-worker-backlog');
      const { latencySeconds, meanJobSeconds } = stack.settings.worker;
      const target = at(inputs, `${tracked}.targetValue`);
      if (target !== latencySeconds / meanJobSeconds) yield `kept at ${String(target)}`;
      const metrics = listOf(at(inputs, `${tracked}.customizedMetricSpecification.metrics`));
      const returned = metrics.filter((metric) => at(metric, 'returnData') !== false);
      if (returned.length !== 1) yield `${returned.length} metrics are returned`;
      const stats = metrics
        .map((metric) => at(metric, 'metricStat.stat'))
        .filter((stat) => stat !== undefined);
      if (!stats.includes('Average') || !stats.includes('SampleCount')) yield 'it is not of one task';
      for (const metric of metrics) {
        const dimensions = at(metric, 'metricStat.metric.dimensions');
        if (dimensions !== undefined && at(dimensions, '0.value') !== stack.settings.name)
          yield 'it follows another stack';
      }
    },
  },
  {
    name: 'a job that is too old calls for workers at once',
    *check(stack) {
      const policy = policyOf(stack, '-worker-hurry');
      if (policy.inputs.policyType !== 'StepScaling') yield 'it waits for an average';
      const steps = listOf(at(policy.inputs, 'stepScalingPolicyConfiguration.stepAdjustments'));
      if (!steps.every((step) => Number(at(step, 'scalingAdjustment')) > 0)) yield 'it takes workers away';
      const alarm = all(stack, 'cloudwatch:MetricAlarm').find(({ inputs }) =>
        textsOf(inputs.alarmActions).some((arn) => behind(stack, arn) === policy),
      );
      if (alarm?.inputs.metricName !== 'OldestJobSeconds') yield 'nobody calls';
      if (alarm?.inputs.threshold !== stack.settings.worker.latencySeconds) yield 'at another age';
    },
  },
  {
    name: 'tasks go slowly, and come fast',
    *check(stack) {
      for (const { name, inputs } of all(stack, 'appautoscaling:Policy')) {
        const tracking = at(inputs, tracked);
        if (tracking === undefined) continue;
        if (Number(at(tracking, 'scaleInCooldown')) < 300)
          yield `${name} takes away after ${String(at(tracking, 'scaleInCooldown'))} s`;
        if (Number(at(tracking, 'scaleOutCooldown')) > 60)
          yield `${name} adds after ${String(at(tracking, 'scaleOutCooldown'))} s`;
      }
    },
  },
];
