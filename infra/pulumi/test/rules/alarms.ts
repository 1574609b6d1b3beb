// Rules about who is told of what.
import { permissionsOf } from '../policies.ts';
import type { Recorded } from '../recorded.ts';
import { differs, each, type Rule } from '../rule.ts';
import { all, at, behind, kindOf, listOf, one, type Stack, textsOf } from '../stack.ts';

const ALARM = 'cloudwatch:MetricAlarm';

/** Watched by machines alone: scaling and roll-out. */
const FOR_MACHINES = ['-worker-hurry', '-rollout'];
const forPeople = (stack: Stack) =>
  all(stack, ALARM).filter(({ name }) => !FOR_MACHINES.some((ending) => name.endsWith(ending)));

/** Metrics that an alarm looks at. */
const metricsOf = ({ inputs }: Recorded): string[] =>
  [inputs.metricName, ...listOf(inputs.metricQueries).map((query) => at(query, 'metric.metricName'))].filter(
    (name): name is string => typeof name === 'string',
  );

/** What must be told, by point 12 of what a service on ECS needs: metric, and the threshold where there is one that must be. */
const WANTED: readonly (readonly [what: string, metric: string, threshold?: number])[] = [
  ['answers of the api that are 5xx', 'HTTPCode_Target_5XX_Count'],
  ['answers of the balancer that are 5xx', 'HTTPCode_ELB_5XX_Count'],
  ['slow answers', 'TargetResponseTime'],
  ['unhealthy targets', 'UnHealthyHostCount', 0],
  ['no healthy target', 'HealthyHostCount'],
  ['the age of the oldest job', 'OldestJobSeconds'],
  ['silent workers', 'WaitingJobs'],
  ['deliveries that were given up', 'DeadDeliveries', 0],
  ['failed jobs', 'FailedJobs'],
  ['webhooks that fail', 'WebhookFailures'],
  ['the processors of the database', 'CPUUtilization'],
  ['the storage of the database', 'FreeStorageSpace'],
  ['the connections of the database', 'DatabaseConnections'],
  ['the memory of the queue', 'DatabaseMemoryUsagePercentage', 70],
  ['entries that the queue threw away', 'Evictions', 0],
];

export const ALARMS: Rule[] = [
  ...WANTED.map(
    ([what, metric, threshold]): Rule => ({
      name: `somebody is told of ${what}`,
      *check(stack) {
        const found = forPeople(stack).filter((alarm) => metricsOf(alarm).includes(metric));
        if (found.length === 0) yield 'nobody is';
        for (const { name, inputs } of found)
          if (threshold !== undefined && inputs.threshold !== threshold)
            yield `${name}: from ${String(inputs.threshold)} on`;
      },
    }),
  ),
  {
    name: 'somebody is told of tasks that end ill',
    *check(stack) {
      const { inputs } = one(stack, 'cloudwatch:EventRule', '-stopped');
      const pattern = JSON.parse(String(inputs.eventPattern));
      if (at(pattern, 'detail-type.0') !== 'ECS Task State Change') yield 'it hears of something else';
      if (behind(stack, at(pattern, 'detail.clusterArn.0')) !== one(stack, 'ecs:Cluster'))
        yield 'of other clusters too';
      const target = one(stack, 'cloudwatch:EventTarget', '-stopped').inputs;
      if (behind(stack, target.arn) !== one(stack, 'sns:Topic')) yield 'it tells nobody';
    },
  },
  {
    name: 'every alarm for people is sent to the topic, when it rings and when it is over',
    *check(stack) {
      const topic = one(stack, 'sns:Topic');
      for (const { name, inputs } of forPeople(stack))
        for (const actions of ['alarmActions', 'okActions'])
          if (!textsOf(inputs[actions]).some((arn) => behind(stack, arn) === topic))
            yield `${name}: ${actions}`;
    },
  },
  each(ALARM, 'every alarm says what silence means, and what has happened', ({ inputs }) => [
    !['breaching', 'notBreaching', 'ignore'].includes(String(inputs.treatMissingData)) &&
      'silence means nothing',
    String(inputs.alarmDescription ?? '').length < 20 && 'it says nothing',
  ]),
  {
    name: 'silence of workers, and of the balancer’s targets, is an alarm itself',
    *check(stack) {
      for (const metric of ['WaitingJobs', 'HealthyHostCount']) {
        const found = forPeople(stack).find((alarm) => metricsOf(alarm).includes(metric));
        if (found?.inputs.treatMissingData !== 'breaching') yield metric;
      }
    },
  },
  each(ALARM, 'an alarm looks at a metric of this stack', (alarm, stack) => {
    const dimensions = [
      alarm.inputs.dimensions,
      ...listOf(alarm.inputs.metricQueries).map((query) => at(query, 'metric.dimensions')),
    ];
    const values = dimensions.flatMap((each) => Object.values(each ?? {}));
    if (values.length === 0) return 'it has no dimension';
    const foreign = values.filter((value) => !String(value).includes(stack.settings.name));
    return foreign.length > 0 && `it looks at ${foreign.join()}`;
  }),
  each(
    ALARM,
    'a share is compared once: one metric of an alarm is what the threshold is for',
    ({ inputs }) => {
      const queries = listOf(inputs.metricQueries);
      if (queries.length === 0) return undefined;
      return differs('returned', queries.filter((query) => at(query, 'returnData') === true).length, 1);
    },
  ),
  each(
    ALARM,
    'an alarm rings after some of the periods that it looks at',
    ({ inputs }) =>
      Number(inputs.datapointsToAlarm ?? inputs.evaluationPeriods) > Number(inputs.evaluationPeriods) &&
      'it never rings',
  ),
  {
    name: 'only AWS’s own services write to the topic',
    *check(stack) {
      const topic = one(stack, 'sns:Topic');
      const allowed = permissionsOf(stack).filter(({ resource }) => kindOf(resource) === 'sns:TopicPolicy');
      for (const who of ['cloudwatch', 'budgets', 'events'])
        if (
          !allowed.some(({ principal }) => textsOf(at(principal, 'Service')).includes(`${who}.amazonaws.com`))
        )
          yield `${who} can not`;
      for (const { sid, principal, actions, resources } of allowed) {
        if (at(principal, 'Service') === undefined) yield `${sid} lets anybody`;
        if (actions.join() !== 'sns:Publish') yield `${sid}: ${actions.join()}`;
        if (!resources.every((arn) => behind(stack, arn) === topic)) yield `${sid} is for other topics`;
      }
    },
  },
  {
    name: 'who is to be told by mail is told by mail',
    *check(stack) {
      const { email } = stack.settings.alarms;
      const told = all(stack, 'sns:TopicSubscription').map(
        ({ inputs }) => `${String(inputs.protocol)}:${String(inputs.endpoint)}`,
      );
      const wrong = differs('subscriptions', told, email === undefined ? [] : [`email:${email}`]);
      if (wrong !== undefined) yield wrong;
    },
  },
  {
    name: 'a budget tells at 80 and 100 per cent of what may be spent',
    *check(stack) {
      const wanted = stack.settings.monthlyBudgetUsd;
      const budgets = all(stack, 'budgets:Budget');
      if (budgets.length !== (wanted === undefined ? 0 : 1)) yield `there are ${budgets.length}`;
      for (const { inputs } of budgets) {
        if (
          Number(inputs.limitAmount) !== wanted ||
          inputs.limitUnit !== 'USD' ||
          inputs.timeUnit !== 'MONTHLY'
        )
          yield `of ${String(inputs.limitAmount)}`;
        const thresholds = listOf(inputs.notifications).map((each) => at(each, 'threshold'));
        if (!thresholds.includes(80) || !thresholds.includes(100)) yield `at ${thresholds.join()}`;
        const topics = listOf(inputs.notifications).flatMap((each) =>
          textsOf(at(each, 'subscriberSnsTopicArns')),
        );
        if (topics.length !== thresholds.length) yield 'and nobody hears it';
      }
    },
  },
  {
    name: 'the dashboard shows what alarms are about, in the region of the stack',
    *check(stack) {
      const body = JSON.parse(String(one(stack, 'cloudwatch:Dashboard').inputs.dashboardBody));
      const text = JSON.stringify(body);
      for (const [what, metric] of WANTED) if (!text.includes(`"${metric}"`)) yield `not ${what}`;
      for (const widget of listOf(at(body, 'widgets'))) {
        const region = at(widget, 'properties.region');
        if (region !== undefined && region !== stack.place.region) yield `of ${String(region)}`;
      }
    },
  },
];
