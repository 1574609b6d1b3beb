// What a rule is. Knows no rule.
import type { Settings } from '../src/settings.ts';
import type { Recorded } from './recorded.ts';
import { all, type Stack } from './stack.ts';

export interface Rule {
  /** A sentence that is true of every stack. */
  name: string;
  /** Where it has a meaning; everywhere, unless it is said. */
  when?: (settings: Settings) => boolean;
  /** What is wrong, a sentence each. */
  check: (stack: Stack) => Iterable<string>;
}

type Complaint = string | false | undefined;

/** A rule about each resource of the kinds; that there is none is a complaint too. */
export function each(
  kinds: string | string[],
  name: string,
  complain: (resource: Recorded, stack: Stack) => Complaint | Complaint[],
  when: (settings: Settings) => boolean = () => true,
): Rule {
  const wanted = [kinds].flat();
  return {
    ...{ name, when },
    *check(stack) {
      const found = all(stack, ...wanted);
      if (found.length === 0) yield `there is no ${wanted.join(', ')}`;
      for (const resource of found)
        for (const complaint of [complain(resource, stack)].flat())
          if (complaint !== undefined && complaint !== false) yield `${resource.name}: ${complaint}`;
    },
  };
}

/** A complaint unless the two are the same. */
export function differs(what: string, found: unknown, wanted: unknown): string | undefined {
  const [left, right] = [JSON.stringify(found), JSON.stringify(wanted)];
  return left === right ? undefined : `${what} is ${left} and not ${right}`;
}

/** All complaints about a stack, each with the name of its rule. A rule that can't be checked complains too. */
export function complaintsOf(rules: readonly Rule[], stack: Stack): { rule: string; complaint: string }[] {
  return rules
    .filter(({ when }) => when === undefined || when(stack.settings))
    .flatMap(({ name, check }) => {
      try {
        return [...check(stack)].map((complaint) => ({ rule: name, complaint }));
      } catch (error) {
        return [{ rule: name, complaint: (error as Error).message }];
      }
    });
}
