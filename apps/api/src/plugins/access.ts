// Every route says who may call it: an app that has another one does not start. Who is asking: see auth.ts.
import type { FastifyInstance } from 'fastify';
import { ADMIN_PAGES } from '../auth/read-credential.ts';
import type { Access } from '../principal.ts';

/** Below these, libraries add routes, which say nothing. */
const LIBRARIES: [folder: string, access: Access][] = [
  [ADMIN_PAGES, 'admin'],
  ['/docs/', 'public'],
];

/** To be added before all that adds routes: those that are there already are not seen. Adding a route throws. */
export function addAccessRule(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    const { config, method, url } = route;
    const ofLibrary = LIBRARIES.find(([folder]) => `${url}/`.startsWith(folder))?.[1];
    const access = config?.access ?? ofLibrary;
    if (access === undefined) throw new Error(`Route ${method} ${url} does not say who may call it.`);
    route.config = { ...config, access };
  });
}
