// The settings of a worker that runs on Amazon ECS: metrics in its log, and the protection of its task.
import { integer, type Setting, text, url } from '@tintype/core';

export const awsSettings = {
  embeddedMetricsSeconds: integer('EMBEDDED_METRICS_SECONDS', {
    about:
      'How often to log metrics in the embedded metric format of Amazon CloudWatch, in seconds; 0: never. The same for all workers of a stack.',
    fallback: 0,
    min: 0,
    max: 3600,
  }),
  embeddedMetricsNamespace: matching('EMBEDDED_METRICS_NAMESPACE', {
    about: 'The namespace of these metrics in Amazon CloudWatch.',
    fallback: 'Tintype',
    // What CloudWatch takes.
    pattern: /^[A-Za-z0-9._/#-][A-Za-z0-9._/#: -]{0,254}$/,
    hint: 'must be at most 255 letters, digits, or any of . _ / # : - and space',
  }),
  embeddedMetricsStack: matching('EMBEDDED_METRICS_STACK', {
    about: 'The value of their dimension Stack: keeps two stacks in one account apart.',
    fallback: 'tintype',
    pattern: /^[!-9;-~][ -~]{0,1023}$/,
    hint: 'must be at most 1024 characters of ASCII that do not begin with a colon',
  }),
  taskProtectionAfterMs: integer('TASK_PROTECTION_AFTER_MS', {
    about:
      'On Amazon ECS: a task is protected from scale-in while a job, derivative or webhook of it runs longer than this, in milliseconds; 0: never.',
    fallback: 0,
    min: 0,
    max: 86_400_000,
  }),
  taskProtectionMinutes: integer('TASK_PROTECTION_MINUTES', {
    about:
      'How long this protection holds, in minutes, where it is not renewed. Renewed after half of it while it is needed.',
    fallback: 10,
    min: 1,
    max: 2880,
  }),
  ecsAgentUri: url('ECS_AGENT_URI', {
    about: 'Where the agent of Amazon ECS answers. Set by ECS in each container, never by you.',
    fallback: '',
    protocols: ['http:', 'https:'],
  }),
};

function matching(
  name: string,
  { pattern, hint, ...describe }: { about: string; fallback: string; pattern: RegExp; hint: string },
): Setting<string> {
  return {
    ...text(name, describe),
    parse: (value) => {
      if (!pattern.test(value)) throw new Error(hint);
      return value;
    },
  };
}
