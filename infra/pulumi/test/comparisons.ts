// What only two stacks together show: that nothing of the place is in the program, and that two in one account do not meet.
import { buildStack, type Variation } from './build-stack.ts';
import { ELSEWHERE, HOME } from './cloud.ts';
import type { Recorded } from './recorded.ts';
import { kindOf, type Stack, textsIn } from './stack.ts';

/** Profiles with most in them. */
const COMPARED = ['small', 'everything'];

export async function checkComparisons(
  program: Pick<Variation, 'program'> = {},
  compared = COMPARED,
): Promise<{ rule: string; complaint: string }[]> {
  const found: { rule: string; complaint: string }[] = [];
  for (const profile of compared) {
    const elsewhere = await buildStack(profile, { ...program, place: ELSEWHERE });
    found.push(
      ...[...homesickIn(elsewhere)].map((complaint) => ({
        rule: 'nothing of one place is in the program',
        complaint,
      })),
    );
    const [left, right] = [
      await buildStack(profile, { ...program, stack: LEFT }),
      await buildStack(profile, { ...program, stack: RIGHT }),
    ];
    found.push(
      ...[...sharedBy(left, right)].map((complaint) => ({
        rule: 'two stacks in one account do not meet',
        complaint,
      })),
    );
  }
  return found;
}

/** As alike as a person may name them. */
const LEFT = 'feature-branch-of-somebody-1';
const RIGHT = 'feature-branch-of-somebody-2';

function* homesickIn(stack: Stack): Generator<string> {
  const pattern = new RegExp(`arn:aws:|${HOME.region}|${HOME.accountId}`);
  for (const { name, inputs } of stack.resources)
    for (const [path, text] of textsIn(inputs))
      if (pattern.test(text)) yield `${stack.profile} ${name}: ${path} is ${text.slice(0, 100)}`;
}

/** What AWS keeps apart by: a name that is said and not made, a dimension of metrics. */
const NAMED = [
  'name',
  'bucket',
  'identifier',
  'replicationGroupId',
  'finalSnapshotIdentifier',
  'family',
  'domainName',
  'dashboardName',
  'domain',
  'namePrefix',
];

/** Names within something that is the stack's own, those of AWS, and those of DNS, which one stack alone can have. */
const SHARED = [
  'rds:ParameterGroup',
  'elasticache:ParameterGroup',
  'ec2:Eip',
  'cognito:UserGroup',
  'cloudwatch:LogStream',
  'route53:Record',
  'acm:Certificate',
];

function* sharedBy(left: Stack, right: Stack): Generator<string> {
  if (left.settings.name === right.settings.name) yield `both are called ${left.settings.name}`;
  const logical = new Set(ownOf(left).map((each) => `${kindOf(each)} ${each.name}`));
  const physical = new Set(ownOf(left).flatMap(physicalOf));
  for (const resource of ownOf(right)) {
    const label = `${kindOf(resource)} ${resource.name}`;
    if (logical.has(label)) yield `${left.profile} ${label}`;
    for (const name of physicalOf(resource))
      if (physical.has(name)) yield `${left.profile} ${label}: ${name} in both`;
  }
}

const ownOf = ({ resources }: Stack): Recorded[] =>
  resources.filter(({ custom, type }) => custom && !type.startsWith('pulumi:'));

/** Names that are said: kind, property and name. */
function physicalOf(resource: Recorded): string[] {
  if (SHARED.includes(kindOf(resource))) return [];
  return NAMED.flatMap((property) => {
    const value = resource.inputs[property];
    return typeof value === 'string' && !AWS_OWN.test(value)
      ? [`${kindOf(resource)} ${property} ${value}`]
      : [];
  });
}

const AWS_OWN = /^(?:aws|alias\/aws)/;
