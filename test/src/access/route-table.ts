// The routes of a Fastify server, as they were registered: its own, those of libraries, and those that it made itself for HEAD.
import type { FastifyInstance, RouteOptions } from 'fastify';

export interface Route {
  method: string;
  /** With its parameters: `/v1/jobs/:id`. */
  url: string;
  operationId: string | undefined;
  /** What `config.access` says; undefined: nothing. */
  access: string | undefined;
  /** Whoever has an address of it that was signed is let in, too. */
  isSigned?: boolean;
  /** Anybody is let in where the image is public. */
  ofPublicImages?: boolean;
}

export interface RouteTable {
  routes: Route[];
  /** As many as the router knows, counted by its own drawing of itself. */
  inRouter: number;
}

/** To be called before the first route is added; answers the table once all are. */
export function watchRoutes(app: FastifyInstance): () => RouteTable {
  const seen: { url: string; options: RouteOptions }[] = [];
  app.addHook('onRoute', (options) => {
    seen.push({ url: options.url, options });
  });
  return () => ({ routes: seen.flatMap(routesOf), inRouter: countRoutes(app) });
}

/** In `config`. */
interface Declared {
  access?: string;
  signed?: boolean;
  publicImages?: boolean;
}

function routesOf({ url, options }: { url: string; options: RouteOptions }): Route[] {
  // Read now: hooks that came later have said who may call it.
  const { config, method, schema } = options;
  const { access, signed, publicImages } = (config ?? {}) as Declared;
  const isSigned = signed === true;
  const ofPublicImages = publicImages === true;
  const operationId = (schema as { operationId?: string } | undefined)?.operationId;
  // The route at the root of a plugin is registered a second time with a slash, of which no hook hears.
  const urls = new Set([url, options.url]);
  return [...urls].flatMap((each) =>
    [method].flat().map((one) => ({ method: one, url: each, operationId, access, isSigned, ofPublicImages })),
  );
}

function countRoutes(app: FastifyInstance): number {
  const drawing = app.printRoutes({ commonPrefix: false });
  const methods = [...drawing.matchAll(/ \(([A-Z, ]+)\)$/gm)];
  return methods.reduce((sum, [, names = '']) => sum + names.split(', ').length, 0);
}

/** As it is named on the command line and in reports. */
export function nameOf({ method, url, operationId }: Route): string {
  if (operationId === undefined) return `${method} ${url}`;
  return method === 'HEAD' ? `HEAD ${operationId}` : operationId;
}

export const isSafe = ({ method }: Route) => ['GET', 'HEAD', 'OPTIONS'].includes(method);

/** The names of what stands for something in the url: `id`, or `*`. */
export function parametersOf({ url }: Pick<Route, 'url'>): string[] {
  return [...url.matchAll(/:(\w+)|(\*)/g)].map(([, name = '*']) => name);
}
