// tintype plans: how much accounts and keys may do.
import { parseArgs } from 'node:util';
import { type Database, NO_LIMITS, type PlanLimits, type PlanRow } from '@tintype/prisma';
import { type Actions, named, runAction } from '../actions.ts';
import { readDefaultPlan } from '../settings.ts';
import { shown } from '../shown.ts';
import { UsageError } from '../usage.ts';

interface Limit {
  option: string;
  least: number;
  most: number;
  unit: string;
}

/** PostgreSQL's integer, and what a number holds exactly. */
const [INTEGER, EXACT] = [2_147_483_647, Number.MAX_SAFE_INTEGER];

const LIMITS: { [Key in keyof PlanLimits]: Limit } = {
  requestsPerSecond: { option: 'requests-per-second', least: 1, most: INTEGER, unit: 'requests/s' },
  requestsPerDay: { option: 'requests-per-day', least: 1, most: EXACT, unit: 'requests/day' },
  storedBytes: { option: 'stored-bytes', least: 0, most: EXACT, unit: 'bytes stored' },
  uploadBytes: { option: 'upload-bytes', least: 0, most: EXACT, unit: 'bytes a file' },
  concurrentJobs: { option: 'concurrent-jobs', least: 0, most: INTEGER, unit: 'jobs at once' },
};
const KEYS = Object.keys(LIMITS) as (keyof PlanLimits)[];
const NAME = /^[a-z][a-z0-9-]{0,39}$/;

const ACTIONS: Actions = new Map([
  ['list', list],
  ['set', set],
  ['remove', remove],
]);

export function plans(args: string[]): Promise<void> {
  return runAction('plans', ACTIONS, args);
}

async function list(args: string[], db: Database): Promise<void> {
  parseArgs({ args });
  for (const plan of await db.plans.list()) process.stdout.write(`${lineOf(plan)}\n`);
}

function lineOf(plan: PlanRow): string {
  const limits = KEYS.flatMap((key) => (plan[key] === null ? [] : [`${plan[key]} ${LIMITS[key].unit}`]));
  return `${plan.name.padEnd(12)}  ${limits.join(', ') || 'no limits'}  ${shown(plan.description)}`.trimEnd();
}

/** What is not named stays as it is; a new plan has no limits but those that are named. */
async function set(args: string[], db: Database): Promise<void> {
  const options = ['description', ...KEYS.map((key) => LIMITS[key].option)];
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: Object.fromEntries(options.map((option) => [option, { type: 'string' as const }])),
  });
  const [name = ''] = named(positionals, 'Name one plan.');
  if (!NAME.test(name))
    throw new UsageError(
      `"${name}" is no name of a plan: a small letter, then small letters, digits and hyphens.`,
    );
  const given = values as Record<string, string | undefined>;
  const limits = KEYS.flatMap((key) => {
    const text = given[LIMITS[key].option];
    return text === undefined ? [] : [[key, limitOf(text, LIMITS[key])]];
  });
  const known = await db.plans.get(name);
  const { updatedAt, ...before } = known ?? { ...NO_LIMITS, description: '', updatedAt: null };
  const description = given.description ?? before.description;
  const plan = await db.plans.put({ ...before, ...Object.fromEntries(limits), name, description });
  process.stdout.write(`${lineOf(plan)}\n`);
}

function limitOf(text: string, { option, least, most }: Limit): number | null {
  if (text === 'none') return null;
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least || number > most)
    throw new UsageError(`--${option} must be a whole number from ${least} to ${most}, or none.`);
  return number;
}

async function remove(args: string[], db: Database): Promise<void> {
  const { positionals } = parseArgs({ args, allowPositionals: true });
  const [name = ''] = named(positionals, 'Name one plan.');
  if (name === readDefaultPlan())
    throw new Error(`Those who register are put on the plan "${name}". Set DEFAULT_PLAN to another first.`);
  const outcome = await db.plans.remove(name);
  if (outcome === undefined) throw new Error(`There is no plan "${name}".`);
  if (outcome === 'in-use')
    throw new Error(
      `Accounts or keys are on the plan "${name}", or would be by default. Move them to another first.`,
    );
  process.stdout.write(`removed ${name}\n`);
}
