// Lays the rows of graphs out on one page of CloudWatch. Knows no measure.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import * as random from '@pulumi/random';
import { dashboardRows, type Graph, type Row } from './dashboard-rows.ts';
import type { Watched } from './watched.ts';

/** CloudWatch's page is so many units wide. */
const PAGE = 24;
const TITLE_HEIGHT = 1;
const GRAPH_HEIGHT = 6;
const PERIOD_SECONDS = 60;

export class Dashboard extends pulumi.ComponentResource {
  /** In the console. */
  readonly url: pulumi.Output<string>;

  constructor(name: string, watched: Watched, options: pulumi.ComponentResourceOptions) {
    super('tintype:index:Dashboard', name, {}, options);
    const parent = { parent: this };
    const { region } = aws.getRegionOutput({}, parent);
    // Dashboards of all regions share their names, and Pulumi gives them none.
    const suffix = new random.RandomId(`${watched.settings.name}-dashboard`, { byteLength: 4 }, parent);
    const dashboard = new aws.cloudwatch.Dashboard(
      `${watched.settings.name}-dashboard`,
      {
        dashboardName: pulumi.interpolate`${watched.settings.name}-${suffix.hex}`,
        dashboardBody: pulumi.jsonStringify({
          widgets: dashboardRows(watched).flatMap((row, nth) => widgetsOf(row, nth, region)),
        }),
      },
      parent,
    );
    const page = pulumi.interpolate`dashboards/dashboard/${dashboard.dashboardName}`;
    this.url = pulumi.interpolate`https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#${page}`;
    this.registerOutputs({ url: this.url });
  }
}

function widgetsOf({ title, graphs }: Row, nth: number, region: pulumi.Output<string>): object[] {
  const y = nth * (TITLE_HEIGHT + GRAPH_HEIGHT);
  const width = PAGE / graphs.length;
  const head = {
    ...{ type: 'text', x: 0, y, width: PAGE, height: TITLE_HEIGHT },
    properties: { markdown: `## ${title}`, background: 'transparent' },
  };
  const below = { y: y + TITLE_HEIGHT, width, height: GRAPH_HEIGHT };
  return [
    head,
    ...graphs.map((graph, column) => ({
      ...{ type: 'metric', x: column * width, ...below, properties: propertiesOf(graph, region) },
    })),
  ];
}

function propertiesOf({ title, unit, lines }: Graph, region: pulumi.Output<string>): object {
  return {
    ...{ title, region, view: 'timeSeries', stacked: false, period: PERIOD_SECONDS },
    yAxis: { left: { min: 0, label: unit, showUnits: false } },
    metrics: Object.entries(lines).map(([label, { namespace, name, dimensions, stat }]) => [
      ...[namespace, name, ...Object.entries(dimensions).flat()],
      { stat, label },
    ]),
  };
}
