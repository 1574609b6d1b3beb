// Runs one task of ECS to its end and brings its log. Knows no migration and no Pulumi.
import { randomUUID } from 'node:crypto';
import {
  type CloudWatchLogsClient,
  GetLogEventsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTasksCommand, type ECSClient, RunTaskCommand, type Task } from '@aws-sdk/client-ecs';

export interface OneOffTask {
  cluster: string;
  taskDefinition: string;
  /** Of the container whose end is the task's. */
  container: string;
  subnets: string[];
  securityGroups: string[];
  assignPublicIp: 'ENABLED' | 'DISABLED';
  logGroup: string;
  logStreamPrefix: string;
  /** Of this one call: a request that is sent twice starts one task. 64 characters at most. */
  token: string;
}

export interface Clients {
  ecs: Pick<ECSClient, 'send'>;
  logs: Pick<CloudWatchLogsClient, 'send'>;
}

export interface Pace {
  lookEveryMs: number;
  /** After so long the task is left to itself. */
  timeoutMs: number;
  /** Lines arrive some seconds after the task has ended. */
  logWaitMs: number;
  /** A task that did not start is started once more after so long. */
  retryAfterMs: number;
}

/** What came to nothing, in sentences for who runs it. `log`: what the task has written. */
export class TaskFailedError extends Error {
  readonly log: string[];
  constructor(message: string, log: string[] = []) {
    super(message);
    this.log = log;
  }
}

/** Gives the lines of its log. @throws TaskFailedError for a task that does not start, fails, or takes too long */
export async function runToEnd(task: OneOffTask, clients: Clients, pace: Pace): Promise<string[]> {
  let arn = await start(task, clients);
  let ended = await untilStopped(arn, task, clients, pace);
  if (ended.stopCode === 'TaskFailedToStart') {
    // A role that was made a moment ago is not known everywhere: the secrets may be refused that it may read.
    await sleep(pace.retryAfterMs);
    arn = await start({ ...task, token: randomUUID() }, clients);
    ended = await untilStopped(arn, task, clients, pace);
  }
  const stream = `${task.logStreamPrefix}/${task.container}/${arn.split('/').at(-1)}`;
  const log = await readLog({ group: task.logGroup, stream }, clients, pace);
  const exitCode = ended.containers?.find(({ name }) => name === task.container)?.exitCode;
  if (exitCode === 0) return log;
  throw new TaskFailedError(`${arn} ${whyItFailed(ended, task, exitCode)}`, log);
}

async function start(task: OneOffTask, { ecs }: Clients): Promise<string> {
  const { subnets, securityGroups, assignPublicIp } = task;
  const { tasks = [], failures = [] } = await ecs.send(
    new RunTaskCommand({
      cluster: task.cluster,
      taskDefinition: task.taskDefinition,
      capacityProviderStrategy: [{ capacityProvider: 'FARGATE', weight: 1 }],
      networkConfiguration: { awsvpcConfiguration: { subnets, securityGroups, assignPublicIp } },
      clientToken: task.token,
      startedBy: 'pulumi',
      enableECSManagedTags: true,
      propagateTags: 'TASK_DEFINITION',
    }),
  );
  const [started] = tasks;
  if (started?.taskArn !== undefined) return started.taskArn;
  const reasons = failures.map(({ reason, detail }) => [reason, detail].filter(Boolean).join(': '));
  throw new TaskFailedError(`ECS does not start the task: ${reasons.join('; ') || 'it does not say why'}.`);
}

async function untilStopped(
  arn: string,
  { cluster }: OneOffTask,
  { ecs }: Clients,
  { lookEveryMs, timeoutMs }: Pace,
): Promise<Task> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: [arn] }));
    const [task] = tasks;
    // A task that was started a moment ago may not be found yet.
    if (task?.lastStatus === 'STOPPED') return task;
    if (performance.now() > deadline)
      throw new TaskFailedError(
        `${arn} is ${task?.lastStatus ?? 'nowhere to be found'} after ${Math.round(timeoutMs / 1000)} s. It was left to itself: look at its log before you try again.`,
      );
    await sleep(lookEveryMs);
  }
}

function whyItFailed(ended: Task, { container }: OneOffTask, exitCode: number | undefined): string {
  if (exitCode !== undefined) return `ended with exit code ${exitCode}.`;
  const { reason } = ended.containers?.find(({ name }) => name === container) ?? {};
  const said = [ended.stopCode, ended.stoppedReason, reason].filter(Boolean).join('; ');
  return `did not run: ${said || 'ECS does not say why'}.`;
}

/** A task that never ran has no log. Who may not read it, learns that instead of the lines. */
async function readLog(
  { group, stream }: { group: string; stream: string },
  clients: Clients,
  { logWaitMs, lookEveryMs }: Pace,
): Promise<string[]> {
  const deadline = performance.now() + logWaitMs;
  for (;;) {
    const lines = await readLines({ group, stream }, clients).catch((error: unknown) =>
      error instanceof ResourceNotFoundException
        ? []
        : [`The log ${group} ${stream} can not be read: ${(error as Error).message}`],
    );
    if (lines.length > 0 || performance.now() > deadline) return lines;
    await sleep(lookEveryMs);
  }
}

async function readLines(
  { group, stream }: { group: string; stream: string },
  { logs }: Clients,
): Promise<string[]> {
  const lines: string[] = [];
  let at: string | undefined;
  for (;;) {
    const { events = [], nextForwardToken } = await logs.send(
      new GetLogEventsCommand({
        ...{ logGroupName: group, logStreamName: stream, startFromHead: true },
        ...(at === undefined ? {} : { nextToken: at }),
      }),
    );
    lines.push(...events.flatMap(({ message }) => message ?? []));
    // The last page names itself.
    if (nextForwardToken === undefined || nextForwardToken === at) return lines;
    at = nextForwardToken;
  }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
