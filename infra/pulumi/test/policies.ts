// Every document of permissions in a stack, whichever resource carries it. Knows the language of IAM.
import type { Inputs, Json, Recorded } from './recorded.ts';
import { at, behind, kindOf, objectOf, type Stack, textsIn, textsOf } from './stack.ts';

export interface Permission {
  /** What carries the document. */
  resource: Recorded;
  /** Name of the role that it is for; undefined: it belongs to a thing, which says who may. */
  role: string | undefined;
  /** The role says here who may take it. */
  isTrust: boolean;
  sid: string;
  effect: string;
  actions: string[];
  resources: string[];
  principal: Json | undefined;
  condition: Inputs;
  /** NotAction, NotResource, NotPrincipal: what a reader can not follow. */
  inverted: string[];
}

const known = new WeakMap<Stack, Permission[]>();

export function permissionsOf(stack: Stack): Permission[] {
  const found = known.get(stack) ?? readAll(stack);
  known.set(stack, found);
  return found;
}

function readAll(stack: Stack): Permission[] {
  return stack.resources.flatMap((resource) =>
    [...textsIn(resource.inputs)].flatMap(([path, text]) =>
      statementsIn(text).map((statement) => permission(stack, resource, path, statement)),
    ),
  );
}

function statementsIn(text: string): Inputs[] {
  if (!text.startsWith('{') || !text.includes('"Statement"')) return [];
  const document = JSON.parse(text) as Inputs;
  const statements = document.Statement;
  return (Array.isArray(statements) ? statements : [statements]).map((statement) => objectOf(statement));
}

function permission(stack: Stack, resource: Recorded, path: string, statement: Inputs): Permission {
  return {
    resource,
    role: roleOf(stack, resource),
    isTrust: path === 'assumeRolePolicy',
    sid: String(statement.Sid ?? ''),
    effect: String(statement.Effect),
    actions: textsOf(statement.Action),
    resources: textsOf(statement.Resource),
    principal: statement.Principal,
    condition: objectOf(statement.Condition),
    inverted: ['NotAction', 'NotResource', 'NotPrincipal'].filter((key) => key in statement),
  };
}

function roleOf(stack: Stack, resource: Recorded): string | undefined {
  if (kindOf(resource) === 'iam:Role') return resource.name;
  if (kindOf(resource) === 'iam:RolePolicy') return roleNamed(stack, resource.inputs.role);
  if (kindOf(resource) !== 'iam:Policy') return undefined;
  const attachment = stack.resources.find(
    (each) =>
      kindOf(each) === 'iam:RolePolicyAttachment' && behind(stack, each.inputs.policyArn) === resource,
  );
  return roleNamed(stack, attachment?.inputs.role);
}

/** Roles are spoken of by id, ARN or physical name. */
function roleNamed(stack: Stack, value: Json | undefined): string {
  const found = behind(stack, value);
  return found?.name ?? String(value).replace(/-0a1b2c3$/, '');
}

/** Values of a condition, whichever operator asks for them. */
export function conditionValues(condition: Inputs, key: string): string[] {
  return Object.values(condition).flatMap((operator) => textsOf(at(operator, key)));
}
