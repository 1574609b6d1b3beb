// /v1/plans: how much accounts and keys may do.
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { AppError } from '@tintype/core';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { ApiConfig } from '../config.ts';
import type { Deps } from '../deps.ts';
import type { Auth } from '../plugins/auth.ts';
import { PlanLimits, PlanName, presentPlan } from '../schemas/plan.ts';
import { problems } from '../schemas/problem.ts';

const tags = ['accounts'];
const params = Type.Object({ name: PlanName('Small letters, digits and hyphens.') });

export function addPlanRoutes(
  instance: FastifyInstance,
  { config, deps, auth }: { config: Pick<ApiConfig, 'defaultPlan'>; deps: Pick<Deps, 'db'>; auth: Auth },
): void {
  const app = instance.withTypeProvider<TypeBoxTypeProvider>();
  const { db } = deps;

  app.get(
    '/v1/plans',
    {
      config: { access: 'any' },
      schema: {
        operationId: 'listPlans',
        tags,
        summary: 'The plans there are',
        response: {
          200: { description: 'All of them.', ...Type.Ref('PlanList#') },
          ...problems(401, 500, 503),
        },
      },
    },
    async () => ({ items: (await db.plans.list()).map(presentPlan) }),
  );

  app.put(
    '/v1/plans/:name',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'putPlan',
        tags,
        summary: 'Make a plan, or change all of it',
        description:
          'For administrators. Every limit must be named; null is no limit. Whoever is on the plan is under its new limits within `KEY_CACHE_MS`.',
        params,
        body: PlanLimits,
        response: {
          200: { description: 'As it is now.', ...Type.Ref('Plan#') },
          ...problems(400, 401, 413, 415, 500, 503),
        },
      },
    },
    async (request) => {
      const { description = '', ...limits } = request.body;
      const { name } = request.params;
      const plan = await db.plans.put({ name, description, ...limits });
      auth.forget(() => true);
      return presentPlan(plan);
    },
  );

  app.delete(
    '/v1/plans/:name',
    {
      config: { access: 'admin' },
      schema: {
        operationId: 'deletePlan',
        tags,
        summary: 'Delete a plan',
        description:
          'For administrators. Not while an account or a key is on it, nor when it is the plan of those who register.',
        params,
        response: {
          204: { description: 'Deleted.', type: 'null' },
          ...problems(400, 401, 404, 409, 413, 415, 500, 503),
        },
      },
    },
    async (request, reply) => {
      const { name } = request.params;
      if (name === config.defaultPlan)
        throw new AppError('PLAN_IN_USE', { message: 'Those who register are put on this plan.' });
      const outcome = await db.plans.remove(name);
      if (outcome === undefined) throw new AppError('PLAN_NOT_FOUND');
      if (outcome === 'in-use') throw new AppError('PLAN_IN_USE');
      return reply.code(204).send(null);
    },
  );
}
