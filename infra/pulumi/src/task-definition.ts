// One task of Fargate as Tintype's are: not root, nothing to write on but /tmp, no capabilities, time to finish. Knows no process of ours.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { LogGroup, Process } from './cluster.ts';
import type { Settings } from './settings.ts';

export interface Task {
  settings: Pick<Settings, 'name' | 'architecture'>;
  process: Process;
  image: pulumi.Output<string>;
  cpu: number;
  memoryMib: number;
  executionRoleArn: pulumi.Output<string>;
  taskRoleArn: pulumi.Output<string>;
  logGroup: LogGroup;
  environment: Record<string, pulumi.Input<string>>;
  /** Variable → secret of Secrets Manager, or a key of its JSON (`ARN:key::`). */
  secrets: Record<string, pulumi.Input<string>>;
  /** Arguments of the image's entry point; undefined: its own. */
  command?: string[];
  port?: number;
  /** What the container itself runs to learn whether it is well. */
  healthCheck?: string[];
  /** What is attached to its roles. */
  policies: pulumi.Resource[];
}

/** Of the images: user and group `tintype`. */
const USER = '10001:10001';

/** The most that Fargate grants between SIGTERM and SIGKILL. Every DRAIN_TIMEOUT_MS is shorter. */
const STOP_TIMEOUT_SECONDS = 120;

/**
 * A root that can not be written wants a volume at /tmp. Fargate has no tmpfs, and makes a volume as root's alone (0755), unless the image says
 * `VOLUME /tmp`: then owner and mode are the image's (1777), and user 10001 may write.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html
 */
const SCRATCH = 'tmp';

export function createTaskDefinition(
  task: Task,
  options: pulumi.CustomResourceOptions,
): aws.ecs.TaskDefinition {
  const { settings, process } = task;
  const { region } = aws.getRegionOutput({}, { parent: options.parent as pulumi.Resource });
  return new aws.ecs.TaskDefinition(
    `${settings.name}-${process}`,
    {
      family: `${settings.name}-${process}`,
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: String(task.cpu),
      memory: String(task.memoryMib),
      runtimePlatform: { operatingSystemFamily: 'LINUX', cpuArchitecture: settings.architecture },
      executionRoleArn: task.executionRoleArn,
      taskRoleArn: task.taskRoleArn,
      volumes: [{ name: SCRATCH }],
      containerDefinitions: pulumi.jsonStringify([containerOf(task, region)]),
    },
    { ...options, dependsOn: task.policies },
  );
}

function containerOf(task: Task, region: pulumi.Output<string>): object {
  const { process, command, port, healthCheck } = task;
  return {
    name: process,
    image: task.image,
    essential: true,
    user: USER,
    readonlyRootFilesystem: true,
    linuxParameters: { initProcessEnabled: true, capabilities: { drop: ['ALL'] } },
    mountPoints: [{ sourceVolume: SCRATCH, containerPath: '/tmp', readOnly: false }],
    stopTimeout: STOP_TIMEOUT_SECONDS,
    environment: variables(task),
    secrets: pairs(task.secrets).map(([name, valueFrom]) => ({ name, valueFrom })),
    logConfiguration: {
      logDriver: 'awslogs',
      options: {
        'awslogs-group': task.logGroup.name,
        'awslogs-region': region,
        'awslogs-stream-prefix': process,
        // Logs that can not be sent must not stop the service.
        mode: 'non-blocking',
        'max-buffer-size': '10m',
      },
    },
    ...(command === undefined ? {} : { command }),
    ...(port === undefined ? {} : { portMappings: [{ containerPort: port, protocol: 'tcp' }] }),
    ...(healthCheck === undefined
      ? {}
      : { healthCheck: { command: healthCheck, interval: 10, timeout: 5, retries: 3, startPeriod: 60 } }),
  };
}

function variables({ environment, secrets }: Pick<Task, 'environment' | 'secrets'>): object[] {
  return pairs(environment).map(([name, value]) => {
    if (name in secrets) throw new Error(`environment: ${name} is made by the stack.`);
    return { name, value };
  });
}

/** In the order of their names: the order in which they are written must not make another revision. */
function pairs(record: Record<string, pulumi.Input<string>>): [string, pulumi.Input<string>][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
