// Rules about what runs: containers, and what they are given.
import { readFileSync } from 'node:fs';
import type { Settings } from '../../src/settings.ts';
import { differs, each, type Rule } from '../rule.ts';
import { all, at, behind, type Container, containersOf, listOf, one, type Stack, textsOf } from '../stack.ts';

const TASK = 'ecs:TaskDefinition';

/** A rule about each container of each task. */
const eachContainer = (
  name: string,
  complain: (container: Container, stack: Stack) => Iterable<string | false | undefined>,
): Rule => ({
  name,
  *check(stack) {
    const containers = containersOf(stack);
    if (containers.length < 3) yield `there are ${containers.length} containers`;
    for (const container of containers)
      for (const complaint of complain(container, stack))
        if (complaint !== undefined && complaint !== false) yield `${container.name}: ${complaint}`;
  },
});

/** Every variable that the apps know, by .env.example, and those of the operators' command. */
const KNOWN = (() => {
  const example = readFileSync(new URL('../../../../../.env.example', import.meta.url), 'utf8');
  const described = [...example.matchAll(/^#?([A-Z][A-Z0-9_]*)=/gm)].map(([, name = '']) => name);
  const ofTheImages = ['METRICS_HOST', 'METRICS_PORT'];
  const ofTheCommand = ['ADMIN_DATABASE_URL', 'ADMIN_DATABASE_USER', 'ADMIN_DATABASE_PASSWORD'];
  return new Set([...described, ...ofTheImages, ...ofTheCommand]);
})();

/** By container: which secret each variable comes from, by the end of its name, or the master's of the database. */
const SECRETS: Record<string, Record<string, string>> = {
  api: { DATABASE_URL: '-database-url', QUEUE_URL: '-queue-url' },
  worker: { DATABASE_URL: '-database-url', QUEUE_URL: '-queue-url' },
  migrate: {
    ...{ DATABASE_URL: '-database-url', QUEUE_URL: '-queue-url' },
    ...{ ADMIN_DATABASE_USER: '-database', ADMIN_DATABASE_PASSWORD: '-database' },
  },
};

/** Of the stack’s own secrets a version, so that a new value is a new revision; RDS changes its own by itself, of which a key is taken. */
const SECRET_ARN = /^([^:]+(?::[^:]+){5})(?::::version-1|-master-secret:(?:username|password)::)$/;

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html: CPU → fewest and most MiB, and the step. */
const FARGATE: Record<string, readonly [fewest: number, most: number, step: number]> = {
  256: [512, 2048, 512],
  512: [1024, 4096, 1024],
  1024: [2048, 8192, 1024],
  2048: [4096, 16_384, 1024],
  4096: [8192, 30_720, 1024],
  8192: [16_384, 61_440, 4096],
  16384: [32_768, 122_880, 8192],
};

const sizes = ({ api, worker }: Settings): Record<string, [number, number]> => ({
  ...{ api: [api.cpu, api.memoryMib], worker: [worker.cpu, worker.memoryMib], migrate: [256, 512] },
});

export const TASKS: Rule[] = [
  eachContainer(
    'no container can write its own root, is root, or has a capability',
    function* ({ definition }) {
      yield differs('readonlyRootFilesystem', definition.readonlyRootFilesystem, true);
      yield differs('user', definition.user, '10001:10001');
      yield differs('dropped', at(definition, 'linuxParameters.capabilities.drop'), ['ALL']);
      yield definition.privileged === true && 'it is privileged';
      yield at(definition, 'linuxParameters.capabilities.add') !== undefined && 'it adds capabilities';
    },
  ),
  eachContainer(
    'every container has an init, and two minutes to finish',
    function* ({ definition, environment }) {
      yield differs('initProcessEnabled', at(definition, 'linuxParameters.initProcessEnabled'), true);
      yield differs('stopTimeout', definition.stopTimeout, 120);
      const drained = Number(environment.DRAIN_TIMEOUT_MS ?? 0) + Number(environment.DRAIN_DELAY_MS ?? 0);
      yield drained >= 120_000 && `it wants ${drained} ms`;
    },
  ),
  eachContainer('no secret stands in a task definition', function* ({ environment }) {
    for (const [name, value] of Object.entries(environment)) {
      yield /PASSWORD|TOKEN|PRIVATE|SECRET/.test(name) && `${name} is said openly`;
      yield /:\/\/[^/@]*:[^/@]+@|PRIVATE KEY|password-of-/.test(value) && `${name} has a password in it`;
    }
  }),
  {
    name: 'each variable that is secret comes from the secret that is meant, in the version that is meant',
    *check(stack) {
      for (const { name, secrets } of containersOf(stack)) {
        const signs = name === 'api' && stack.settings.cdn.publicKey !== undefined;
        const wanted = { ...SECRETS[name], ...(signs ? { CDN_PRIVATE_KEY: '-cdn-private-key' } : {}) };
        const wrong = differs(name, Object.keys(secrets).sort(), Object.keys(wanted).sort());
        if (wrong !== undefined) yield wrong;
        for (const [variable, ending] of Object.entries(wanted))
          if (!SECRET_ARN.exec(String(secrets[variable]))?.[1]?.endsWith(ending))
            yield `${name}: ${variable} is ${secrets[variable]}`;
      }
    },
  },
  eachContainer('the apps know every variable that they are given', function* ({ environment, secrets }) {
    for (const name of [...Object.keys(environment), ...Object.keys(secrets)])
      yield !KNOWN.has(name) && `nobody reads ${name}`;
  }),
  {
    name: 'what is configured for the service itself reaches its tasks',
    *check(stack) {
      for (const { name, environment } of containersOf(stack))
        for (const [variable, value] of Object.entries(stack.settings.environment))
          if (environment[variable] !== value) yield `${name} does not know ${variable}`;
    },
  },
  eachContainer('containers log to a group of their own', function* ({ name, definition }, stack) {
    const { options, logDriver } = definition.logConfiguration as Record<string, never>;
    yield differs('driver', logDriver, 'awslogs');
    yield differs('region', options?.['awslogs-region'], stack.place.region);
    yield !String(options?.['awslogs-group']).startsWith(`${stack.settings.name}-${name}-`) &&
      'it logs elsewhere';
    yield options?.['awslogs-stream-prefix'] === undefined && 'its streams can not be told apart';
  }),
  eachContainer('what serves is asked how it is', function* ({ name, definition }) {
    const port = { api: '3000', worker: '9464' }[name];
    if (port !== undefined)
      yield !textsOf(at(definition, 'healthCheck.command')).join(' ').includes(`:${port}/healthz`) &&
        'nobody asks';
  }),
  eachContainer('only the api listens, on 3000', function* ({ name, definition }) {
    const ports = listOf(definition.portMappings).map((mapping) => at(mapping, 'containerPort'));
    yield differs('ports', ports, name === 'api' ? [3000] : []);
  }),
  eachContainer(
    'what runs is named by its digest, or as it was configured',
    function* ({ name, definition }, { settings }) {
      const configured = settings.images[name as 'api' | 'worker' | 'migrate'];
      if (configured !== undefined) yield differs('image', definition.image, configured);
      else
        yield !/@sha256:[0-9a-f]{64}$/.test(String(definition.image)) && `it is ${String(definition.image)}`;
    },
  ),
  eachContainer('what must be written is written to /tmp', function* ({ definition }) {
    yield differs(
      'mounted',
      listOf(definition.mountPoints).map((mount) => at(mount, 'containerPath')),
      ['/tmp'],
    );
  }),
  each(
    TASK,
    'tasks are of the size that was asked for, and Fargate has it',
    ({ name, inputs }, { settings }) => {
      const [cpu, memory] = [Number(inputs.cpu), Number(inputs.memory)];
      const [fewest, most, step] = FARGATE[cpu] ?? [0, 0, 1];
      const wanted = sizes(settings)[name.split('-').at(-1) ?? ''];
      return [
        wanted !== undefined && differs('size', [cpu, memory], wanted),
        (memory < fewest || memory > most || memory % step !== 0) &&
          `Fargate has no ${cpu} with ${memory} MiB`,
      ];
    },
  ),
  each(TASK, 'tasks run on Fargate, on the processors that were asked for', ({ inputs }, { settings }) => [
    differs('compatibility', inputs.requiresCompatibilities, ['FARGATE']),
    differs('network', inputs.networkMode, 'awsvpc'),
    differs('processor', at(inputs, 'runtimePlatform.cpuArchitecture'), settings.architecture),
  ]),
  {
    name: 'every task has a role of its own, and none starts by it',
    *check(stack) {
      const tasks = all(stack, TASK);
      const own = tasks.map(({ inputs }) => inputs.taskRoleArn);
      if (new Set(own).size !== tasks.length) yield 'two share a role';
      for (const { name, inputs } of tasks) {
        if (inputs.executionRoleArn === undefined) yield `${name} can not be started`;
        if (own.includes(inputs.executionRoleArn)) yield `${name} is started by a role of a task`;
      }
      const [api, migrate] = ['-api', '-migrate'].map(
        (ending) => one(stack, TASK, ending).inputs.executionRoleArn,
      );
      if (api === migrate) yield 'who starts the api can read the password of the database’s master';
    },
  },
  {
    name: 'the api trusts the balancer’s word on addresses, and nobody else’s',
    *check(stack) {
      const proxies = containersOf(stack, '-api')[0]?.environment.TRUST_PROXY ?? '';
      const publics = all(stack, 'ec2:Subnet')
        .filter(({ name }) => name.includes('-public'))
        .map(({ inputs }) => String(inputs.cidrBlock));
      for (const block of publics)
        if (!proxies.split(',').includes(block)) yield `it does not trust ${block}`;
      if (/0\.0\.0\.0\/0|true|\*/.test(proxies)) yield `it trusts ${proxies}`;
    },
  },
  {
    name: 'what the service says of itself is where it is',
    *check(stack) {
      const { environment } = containersOf(stack, '-api')[0] ?? { environment: {} as Record<string, string> };
      const url = String(stack.outputs.cdnUrl ?? stack.outputs.url);
      if (environment.PUBLIC_URL !== url) yield `it says ${String(environment.PUBLIC_URL)} and not ${url}`;
      const bucket = `s3://${String(stack.outputs.bucket)}?region=${stack.place.region}`;
      for (const { name, environment: told } of containersOf(stack))
        if (name !== 'migrate' && told.OBJECT_STORE_URL !== bucket)
          yield `${name} stores in ${String(told.OBJECT_STORE_URL)}`;
      if (environment.MAX_UPLOAD_BYTES !== String(stack.settings.api.maxUploadBytes))
        yield 'it takes other files';
      if ((environment.SECURE_COOKIES === 'yes') !== (stack.settings.domain !== undefined))
        yield 'its cookie does not fit';
    },
  },
  {
    name: 'CloudFront and Cognito are told to the api where they are there',
    *check(stack) {
      const { environment } = containersOf(stack, '-api')[0] ?? { environment: {} as Record<string, string> };
      const signs = stack.settings.cdn.publicKey !== undefined;
      if ((environment.CDN_KEY_ID !== undefined) !== signs)
        yield 'it signs addresses of none, or none of CloudFront';
      if (signs && environment.CDN_URL !== stack.outputs.cdnUrl)
        yield `CDN_URL is ${String(environment.CDN_URL)}`;
      if (environment.OIDC_ISSUER !== (stack.outputs.signInIssuer ?? undefined))
        yield 'it believes another issuer';
    },
  },
  {
    name: 'workers tell how many jobs wait, under the name of the stack',
    *check(stack) {
      const { environment } = containersOf(stack, '-worker')[0] ?? {
        environment: {} as Record<string, string>,
      };
      if (
        !(
          Number(environment.EMBEDDED_METRICS_SECONDS) >= 15 &&
          Number(environment.EMBEDDED_METRICS_SECONDS) <= 60
        )
      )
        yield 'too often, or too seldom';
      if (environment.EMBEDDED_METRICS_STACK !== stack.settings.name) yield 'under another name';
      const after = stack.settings.worker.protectAfterSeconds * 1000;
      if (environment.TASK_PROTECTION_AFTER_MS !== String(after))
        yield 'long jobs are not protected as was asked for';
    },
  },
  each('cloudwatch:LogGroup', 'no log is kept for ever', ({ inputs }, { settings }) =>
    differs('retentionInDays', inputs.retentionInDays, settings.logs.retentionDays),
  ),
  each(
    ...(['ecr:Repository', 'images can not be replaced under their name, and are scanned'] as const),
    ({ inputs }) => [
      differs('imageTagMutability', inputs.imageTagMutability, 'IMMUTABLE'),
      differs('scanOnPush', at(inputs, 'imageScanningConfiguration.scanOnPush'), true),
    ],
    ({ images }) => images.api === undefined,
  ),
  {
    name: 'repositories and builds are there for what is built, and old images go',
    *check(stack) {
      const wanted = stack.settings.images.api === undefined ? 3 : 0;
      for (const kind of ['ecr:Repository', 'ecr:LifecyclePolicy', 'docker-build:Image']) {
        const found = all(stack, kind).length;
        if (found !== wanted) yield `${kind}: ${found}`;
      }
      for (const { name, inputs } of all(stack, 'ecr:LifecyclePolicy'))
        if (!String(inputs.policy).includes('untagged')) yield `${name} keeps what is not finished`;
    },
  },
  each(
    ...([
      'docker-build:Image',
      'images are built for the processors that were asked for, and pushed',
    ] as const),
    ({ name, inputs }, { settings }) => [
      differs('platforms', inputs.platforms, [
        settings.architecture === 'ARM64' ? 'linux/arm64' : 'linux/amd64',
      ]),
      differs('push', inputs.push, true),
      !name.includes(String(inputs.target)) && `it is ${String(inputs.target)}`,
    ],
    ({ images }) => images.api === undefined,
  ),
  each('ecs:Cluster', 'prod can be looked into', ({ inputs }, { settings }) => {
    const insights = at(inputs, 'settings.0.value');
    return (insights === 'disabled') === (settings.profile === 'prod')
      ? `insights: ${String(insights)}`
      : undefined;
  }),
  {
    name: 'the migration runs again for every revision of its task, where tasks run',
    *check(stack) {
      const { inputs } = one(stack, 'command:Command');
      const task = one(stack, TASK, '-migrate');
      if (behind(stack, textsOf(inputs.triggers)[0]) !== task) yield 'it does not';
      if (behind(stack, at(inputs, 'environment.TASK_DEFINITION')) !== task) yield 'it runs something else';
      const isPublic = stack.settings.network.egress === 'public' ? 'ENABLED' : 'DISABLED';
      if (at(inputs, 'environment.ASSIGN_PUBLIC_IP') !== isPublic) yield 'its address is of the wrong kind';
      const [container] = containersOf(stack, '-migrate');
      if (!textsOf(container?.definition.command).includes('--create-database')) yield 'it makes no database';
    },
  },
];
