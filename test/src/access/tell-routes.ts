// Loaded into an api before its main file: tells who started it every route that Fastify is given. Changes nothing.
import diagnostics from 'node:diagnostics_channel';
import { watchRoutes } from './route-table.ts';

diagnostics.subscribe('fastify.initialization', (message) => {
  const { fastify } = message as { fastify: Parameters<typeof watchRoutes>[0] };
  const table = watchRoutes(fastify);
  fastify.addHook('onReady', async () => {
    process.send?.({ table: table() });
  });
});
