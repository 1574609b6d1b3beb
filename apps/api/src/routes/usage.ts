// GET /v1/usage: what the caller's account uses of its plan.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { AppError } from '@tintype/core';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { ownOf, principalOf } from '../principal.ts';
import { problems } from '../schemas/problem.ts';
import { Day, presentUsage } from '../schemas/usage.ts';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
const MAX_DAYS = 366;

export function addUsageRoutes(instance: FastifyInstance): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();

  app.get(
    '/v1/usage',
    {
      config: { access: 'any' },
      schema: {
        operationId: 'getUsage',
        tags: ['accounts'],
        summary: 'See what you use',
        description:
          'The plan of your account, what it uses of it now, and what it did by day and key. What is a second old may be missing.',
        querystring: Type.Object({
          from: Type.Optional(Day(`The first day (UTC); ${DEFAULT_DAYS} days up to \`to\` by default.`)),
          to: Type.Optional(Day(`The last day (UTC), ${MAX_DAYS} days at most; today by default.`)),
        }),
        response: {
          200: { description: 'Usage.', ...Type.Ref('Usage#') },
          ...problems(400, 401, 500, 503),
        },
      },
    },
    async (request) => {
      const { usage } = ownOf(request);
      const days = readDays(request.query);
      const [now, rows] = await Promise.all([usage.now(), usage.days(days)]);
      return presentUsage(principalOf(request), now, rows);
    },
  );
}

/** @throws AppError INVALID_REQUEST */
function readDays({ from, to }: { from?: string; to?: string }): { from: string; to: string } {
  const last = to === undefined ? Date.now() : readDay('to', to);
  const first = from === undefined ? last - (DEFAULT_DAYS - 1) * DAY_MS : readDay('from', from);
  const days = Math.floor(last / DAY_MS) - Math.floor(first / DAY_MS) + 1;
  if (days < 1) throw invalid('from', 'must not be behind `to`');
  if (days > MAX_DAYS) throw invalid('from', `must not be more than ${MAX_DAYS} days before \`to\``);
  return { from: dayOf(first), to: dayOf(last) };
}

/** RFC 3339 knows the year 0, which PostgreSQL does not. */
function readDay(name: string, day: string): number {
  const time = Date.parse(day);
  if (Number.isNaN(time) || day < '0001-02-01') throw invalid(name, 'is no day that is known here');
  return time;
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function invalid(name: string, message: string): AppError {
  return new AppError('INVALID_REQUEST', {
    message: `${name} ${message}.`,
    problems: [{ pointer: `/${name}`, message }],
  });
}
