// Answers to those who are let in that are no success, and are right all the same. Each with its reason; the table is short on purpose.
import type { PrincipalName } from './expectations.ts';
import { isSafe, nameOf, type Route } from './route-table.ts';

const named = (name: string) => (route: Route) => nameOf(route) === name;

interface Peculiarity {
  about(route: Route): boolean;
  /** All of them by default. */
  principals?: readonly PrincipalName[];
  /** `409`, or with the code. */
  answer: string;
}

/** Both pass over queues that are read only, which all of them are. */
const OVER_ALL_QUEUES = /\/api\/queues\/(pause|resume)$/;

const PECULIARITIES: readonly Peculiarity[] = [
  // The board is to be looked at: whoever operates the service changes nothing with it.
  {
    about: (route) =>
      route.url.startsWith('/admin/queues/') && !isSafe(route) && !OVER_ALL_QUEUES.test(route.url),
    answer: '405',
  },
  // Whoever comes by the tokens of a provider has no password here.
  {
    about: named('changePassword'),
    principals: ['owner, token', 'other tenant, token', 'administrator, token'],
    answer: '409 NO_PASSWORD',
  },
];

/** What is answered instead of a success. */
export function peculiarAnswer(route: Route, principal: PrincipalName): string | undefined {
  const found = PECULIARITIES.find(
    ({ about, principals }) => about(route) && (principals?.includes(principal) ?? true),
  );
  return found?.answer;
}
