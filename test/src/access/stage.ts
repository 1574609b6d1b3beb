// The real service as the matrix wants it: for each route the people, what they own, and the request that each of them makes.
import type { Pictures } from '../service/pictures.ts';
import type { Document } from './document.ts';
import type { PrincipalName } from './expectations.ts';
import { fixtureOf, type Values } from './fixtures.ts';
import type { Scene, Stage } from './matrix.ts';
import { isGoodAnswer, orderOf, pictureForm } from './orders.ts';
import { type Ground, makePerson, type Person, type Role } from './people.ts';
import { ownsThings, SHOWN } from './principals.ts';
import { isSafe, type Route } from './route-table.ts';
import { watchState } from './state.ts';

export interface RealStage extends Stage {
  /** Makes what these routes read, while a worker still runs that finishes it. */
  prepare(routes: readonly Route[]): Promise<void>;
}

interface Parts {
  document: Document;
  ground: Ground;
  pictures: Pictures;
}

/** As long as a request may wait by default; as a rule it takes a quarter of a second. */
const WAIT_SECONDS = 60;

/** The pages of libraries change nothing of anybody's: see peculiar.ts. */
const isHarmless = (route: Route) => isSafe(route) || route.operationId === undefined;

export function createStage({ document, ground, pictures }: Parts): RealStage {
  let waitSeconds = WAIT_SECONDS;
  const upload = () => pictureForm(pictures, waitSeconds);
  const parts = { document, hookUrl: `${ground.issuer.url}/hook`, upload };
  const standing = remember((role: Role) => makePerson(role, ground));

  /** What the route works on, made by whose it is to be. */
  async function makeThing(route: Route, owner: Person): Promise<Values> {
    const fixture = fixtureOf(route);
    if (fixture === undefined) return {};
    const { self } = fixture.missing === undefined ? await standing('administrator') : owner;
    return fixture.make({ self, ground, upload }, route);
  }

  /** One for all routes of a kind that change nothing. */
  const things = new Map<string, Promise<Values>>();
  function standingThing(route: Route, role: Role): Promise<Values> {
    const name = `${role} ${fixtureOf(route)?.under}`;
    const thing = things.get(name) ?? standing(role).then((owner) => makeThing(route, owner));
    things.set(name, thing);
    return thing;
  }

  const shownStanding = remember(async (name: `${PrincipalName}|${string}`) => {
    const [principal, access] = name.split('|') as [PrincipalName, string];
    const { role, show } = SHOWN[principal];
    return show(await standing(role), ground, access);
  });

  function sceneOf(route: Route, order: Scene['order']): Scene {
    return {
      order,
      missing: fixtureOf(route)?.missing,
      isGood: (answer, principal) => isGoodAnswer(route, answer, { principal, document }),
    };
  }

  /** Those who change nothing come as the same people, to the same things. */
  function openStanding(route: Route): Scene {
    return sceneOf(route, async (principal) => {
      const { role } = SHOWN[principal];
      const caller = await standing(role);
      const values = await standingThing(route, ownsThings(principal) ? role : 'owner');
      const shown = await shownStanding(`${principal}|${route.access ?? ''}`);
      return orderOf(route, { values, shown, caller, visitor: await standing('other') }, parts);
    });
  }

  /** Those who change something are new, and so is what they change. */
  async function openFresh(route: Route, principal: PrincipalName = 'owner, key'): Promise<Scene> {
    const { role } = SHOWN[principal];
    const actor = await makePerson(role, ground);
    const values = await makeThing(route, actor);
    return sceneOf(route, async (other) => {
      const { role: wanted, show } = SHOWN[other];
      const caller = wanted === role ? actor : await standing(wanted);
      const shown = await show(caller, ground, route.access);
      return orderOf(route, { values, shown, caller, visitor: await standing('other') }, parts);
    });
  }

  return {
    owns: ownsThings,
    send: ground.send,
    state: watchState(ground.accounts),
    open: async (route, caller) => (isHarmless(route) ? openStanding(route) : openFresh(route, caller)),
    prepare: async (routes) => {
      const roles = [...new Set(Object.values(SHOWN).map(({ role }) => role))];
      await Promise.all(roles.map(standing));
      const owners = roles.filter((role) => role.startsWith('owner'));
      const read = routes.filter((route) => isSafe(route) && isOwned(route));
      await Promise.all(owners.flatMap((role) => read.map((route) => standingThing(route, role))));
      waitSeconds = 0;
    },
  };
}

/** Of a route that can't be tried the matrix tells. */
function isOwned(route: Route): boolean {
  try {
    return fixtureOf(route)?.missing !== undefined;
  } catch {
    return false;
  }
}

/** What is asked for twice is made once. */
function remember<Name extends string, Thing>(make: (name: Name) => Promise<Thing>) {
  const made = new Map<Name, Promise<Thing>>();
  return (name: Name): Promise<Thing> => {
    const thing = made.get(name) ?? make(name);
    made.set(name, thing);
    return thing;
  };
}
