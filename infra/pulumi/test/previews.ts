// Offline previews of some profiles by the real language runtime: what can only be seen there. Knows the graph, and no rule of a resource.
import { type Preview, preview } from './engine.ts';
import { PROFILES } from './profiles.ts';
import { type Recorded, UNKNOWN } from './recorded.ts';

export interface Previewed {
  resources: number;
  edges: number;
  complaints: string[];
}

/** As a preview, where ids are not known yet, or as an update. */
const RUNS: readonly (readonly [profile: string, isDry: boolean])[] = [
  ['everything', true],
  ['small', false],
];

export async function checkPreviews(): Promise<Previewed> {
  const all: Previewed = { resources: 0, edges: 0, complaints: [] };
  const previews = await Promise.all(
    RUNS.map(async ([profile, isDry]) => ({ profile, isDry, seen: await previewOf(profile, isDry) })),
  );
  for (const { profile, isDry, seen } of previews) {
    const where = `${profile}, ${isDry ? 'preview' : 'update'}`;
    all.resources += seen.resources.length;
    all.edges += seen.resources.reduce((sum, { dependencies }) => sum + dependencies.length, 0);
    all.complaints.push(
      ...complaintsAbout(seen, profile, isDry).map((complaint) => `${where}: ${complaint}`),
    );
  }
  return all;
}

/** @throws Error where there is no such profile */
export function previewOf(profile: string, isDry: boolean): Promise<Preview> {
  const found = PROFILES[profile];
  if (found === undefined)
    throw new Error(`there is no profile ${profile}: ${Object.keys(PROFILES).join(', ')}`);
  return preview(found.stack, found.configuration, isDry);
}

/** By type, and the end of the name: who must stand on whom. */
const EDGES: readonly (readonly [from: string, ending: string, to: string])[] = [
  ['ecs/service:Service', '-api', 'lb/listener:Listener'],
  ['ecs/service:Service', '-api', 'local:Command'],
  ['ecs/service:Service', '-worker', 'local:Command'],
  ['local:Command', '-migrate', 'rds/instance:Instance'],
  ['local:Command', '-migrate', 'ecs/taskDefinition:TaskDefinition'],
  ['local:Command', '-migrate', 'ec2/routeTableAssociation:RouteTableAssociation'],
  ['local:Command', '-migrate', 'vpc/securityGroupEgressRule:SecurityGroupEgressRule'],
  ['ecs/taskDefinition:TaskDefinition', '-api', 'iam/rolePolicy:RolePolicy'],
  ['s3/bucketPolicy:BucketPolicy', '-images-policy', 's3/bucketPublicAccessBlock:BucketPublicAccessBlock'],
  ['lb/loadBalancer:LoadBalancer', '', 's3/bucketPolicy:BucketPolicy'],
  ['appautoscaling/target:Target', '-worker', 'ecs/service:Service'],
];

const PROTECTED = [
  'rds/instance:Instance',
  's3/bucket:Bucket',
  'elasticache/replicationGroup:ReplicationGroup',
];

/** Exported of the program, whatever the profile. */
const OUTPUTS = [
  'url',
  'dashboardUrl',
  'bucket',
  'cluster',
  'migrateTask',
  'taskSubnets',
  'taskSecurityGroup',
  'version',
];

function complaintsAbout(seen: Preview, profile: string, isDry: boolean): string[] {
  const { exitCode, resources, outputs = {}, complaints } = seen;
  const isProd = PROFILES[profile]?.configuration.profile === 'prod';
  return [
    ...(exitCode === 0 ? [] : [`it ended with ${exitCode}`]),
    ...complaints,
    ...OUTPUTS.filter((name) => !(name in outputs)).map((name) => `${name} is no output of the stack`),
    ...circlesIn(resources),
    ...EDGES.flatMap((edge) => missing(resources, edge)),
    ...PROTECTED.flatMap((type) =>
      of(resources, type)
        .filter((each) => each.protect !== isProd)
        .map(({ name }) => `${name} ${isProd ? 'is not' : 'is'} protected`),
    ),
    ...wronglyKnown(resources, isDry),
  ];
}

const of = (resources: Recorded[], type: string): Recorded[] =>
  resources.filter((each) => each.type.endsWith(type));

function missing(resources: Recorded[], [from, ending, to]: (typeof EDGES)[number]): string[] {
  const froms = of(resources, from).filter(({ name }) => name.endsWith(ending));
  const targets = new Set(of(resources, to).map(({ urn }) => urn));
  if (froms.length === 0 || targets.size === 0) return [`there is no ${from} ${ending}, or no ${to}`];
  return froms
    .filter(({ dependencies }) => !dependencies.some((urn) => targets.has(urn)))
    .map(({ name }) => `${name} does not wait for ${to}`);
}

/** In a preview what AWS makes is unknown, and what the program says is not. */
function wronglyKnown(resources: Recorded[], isDry: boolean): string[] {
  const unknown = resources.filter(({ inputs }) => JSON.stringify(inputs).includes(UNKNOWN));
  if (!isDry) return unknown.map(({ name }) => `${name} is not known after it was made`);
  return unknown.length === 0 ? ['everything is known before anything is there'] : [];
}

/** A resource that stands on itself by whatever way can never be made. */
function circlesIn(resources: Recorded[]): string[] {
  const byUrn = new Map(resources.map((each) => [each.urn, each]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (urn: string, path: readonly string[]): void => {
    if (path.includes(urn))
      found.push(`it stands on itself: ${[...path.slice(path.indexOf(urn)), urn].join(' → ')}`);
    else if (!done.has(urn))
      for (const next of byUrn.get(urn)?.dependencies ?? []) visit(next, [...path, urn]);
    done.add(urn);
  };
  for (const { urn, dependencies } of resources) {
    for (const next of dependencies)
      if (!byUrn.has(next)) found.push(`${urn} stands on what is not there: ${next}`);
    visit(urn, []);
  }
  return found;
}
