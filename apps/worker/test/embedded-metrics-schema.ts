// What Amazon CloudWatch takes as the embedded metric format: the JSON schema of its specification, and the rule that no schema can say.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
import Type, { type Static } from 'typebox';
import { Errors } from 'typebox/value';

const UNIT =
  '^(Seconds|Microseconds|Milliseconds|Bytes|Kilobytes|Megabytes|Gigabytes|Terabytes|Bits|Kilobits|Megabits|Gigabits|Terabits|Percent|Count|Bytes\\/Second|Kilobytes\\/Second|Megabytes\\/Second|Gigabytes\\/Second|Terabytes\\/Second|Bits\\/Second|Kilobits\\/Second|Megabits\\/Second|Gigabits\\/Second|Terabits\\/Second|Count\\/Second|None)$';

// Objects of this specification have no other members; the root may.
const strict = { additionalProperties: false };

const Metric = Type.Object(
  {
    Name: Type.String({ minLength: 1, maxLength: 1024 }),
    Unit: Type.Optional(Type.String({ pattern: UNIT })),
    StorageResolution: Type.Optional(Type.Union([Type.Literal(1), Type.Literal(60)])),
  },
  strict,
);

const Directive = Type.Object(
  {
    Namespace: Type.String({ minLength: 1, maxLength: 1024 }),
    Dimensions: Type.Array(Type.Array(Type.String({ minLength: 1, maxLength: 250 }), { maxItems: 30 }), {
      minItems: 1,
    }),
    Metrics: Type.Array(Metric, { maxItems: 100 }),
  },
  strict,
);

export const EmbeddedMetrics = Type.Object({
  _aws: Type.Object({ Timestamp: Type.Integer(), CloudWatchMetrics: Type.Array(Directive) }, strict),
});

/** What is wrong with a line of the log; empty: CloudWatch makes metrics of it. */
export function faultsOf(line: unknown): string[] {
  const faults = [...Errors(EmbeddedMetrics, line)].map(
    ({ instancePath, message }) => `${instancePath} ${message}`,
  );
  return faults.length > 0 ? faults : targetFaults(line as Static<typeof EmbeddedMetrics>);
}

/** What a directive names must stand at the root: dimensions as texts, metrics as numbers. */
function targetFaults(line: Static<typeof EmbeddedMetrics>): string[] {
  const root = line as Record<string, unknown>;
  return line._aws.CloudWatchMetrics.flatMap(({ Dimensions, Metrics }) => [
    ...Dimensions.flat()
      .filter((name) => typeof root[name] !== 'string' || root[name] === '')
      .map((name) => `dimension ${name} has no text`),
    ...Metrics.filter(({ Name }) => !Number.isFinite(root[Name])).map(
      ({ Name }) => `metric ${Name} has no number`,
    ),
  ]);
}
