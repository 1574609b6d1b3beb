// Makes the table of alarms true in CloudWatch, and tells of tasks that end. Knows no threshold.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { type AlarmRow, alarmTable } from './alarm-table.ts';
import { makeAlarmTopic } from './alarm-topic.ts';
import { tellOfStoppedTasks } from './stopped-tasks.ts';
import type { Metric, Watched } from './watched.ts';

export class Alarms extends pulumi.ComponentResource {
  readonly topicArn: pulumi.Output<string>;

  constructor(name: string, watched: Watched, options: pulumi.ComponentResourceOptions) {
    super('tintype:index:Alarms', name, {}, options);
    const parent = { parent: this };
    this.topicArn = makeAlarmTopic(watched, parent);
    for (const row of alarmTable(watched))
      new aws.cloudwatch.MetricAlarm(
        `${watched.settings.name}-${row.name}`,
        { ...alarmOf(row), alarmActions: [this.topicArn], okActions: [this.topicArn] },
        parent,
      );
    tellOfStoppedTasks(watched, this.topicArn, parent);
    this.registerOutputs({ topicArn: this.topicArn });
  }
}

function alarmOf(row: AlarmRow): aws.cloudwatch.MetricAlarmArgs {
  return {
    ...{ alarmDescription: row.says, threshold: row.threshold, treatMissingData: row.silence },
    comparisonOperator: row.below ? 'LessThanThreshold' : 'GreaterThanThreshold',
    ...{ evaluationPeriods: row.of, datapointsToAlarm: row.periods },
    metricQueries: queriesOf(row),
  };
}

type Query = aws.types.input.cloudwatch.MetricAlarmMetricQuery;

/** One of them is what the threshold is compared with: the expression, or the only measure. */
function queriesOf({ metrics, expression, periodSeconds, says }: AlarmRow): Query[] {
  const measures = Object.entries(metrics).map(
    ([id, metric]): Query => ({
      id,
      metric: measureOf(metric, periodSeconds),
      returnData: expression === undefined,
    }),
  );
  if (expression === undefined) return measures;
  return [...measures, { id: 'compared', expression, label: says.slice(0, 100), returnData: true }];
}

function measureOf(
  { namespace, name, dimensions, stat }: Metric,
  period: number,
): aws.types.input.cloudwatch.MetricAlarmMetricQueryMetric {
  return { namespace, metricName: name, dimensions, stat, period };
}
