// A stack as a tree that a person reads: components, their resources, what is protected, and what waits for what.
import type { Recorded } from './recorded.ts';
import { kindOf } from './stack.ts';

/** Names are shown without the stack's own. */
export function treeOf(resources: readonly Recorded[], stackName: string): string {
  const root = resources.find(({ type }) => type === 'tintype:index:Stack');
  if (root === undefined) return 'There is no stack.';
  const byUrn = new Map(resources.map((each) => [each.urn, each]));
  const short = (name: string): string =>
    name.startsWith(`${stackName}-`) ? name.slice(stackName.length + 1) : name;
  const childrenOf = ({ urn }: Recorded) => resources.filter((each) => each.parent === urn);
  const lines: string[] = [`${root.name} (${resources.filter(({ custom }) => custom).length} resources)`];
  for (const component of childrenOf(root)) {
    const children = childrenOf(component);
    const waits = waitsOf(component, byUrn, resources);
    lines.push(
      '',
      `${component.name} (${children.length})${waits.length > 0 ? ` ← ${waits.join(', ')}` : ''}`,
    );
    for (const [index, child] of children.entries()) {
      const branch = index === children.length - 1 ? '└─' : '├─';
      const within = child.dependencies
        .map((urn) => byUrn.get(urn))
        .filter((each): each is Recorded => each !== undefined && each.parent === component.urn)
        .map(({ name }) => short(name));
      const marks = [
        child.protect ? 'protected' : '',
        within.length > 0 ? `← ${[...new Set(within)].join(', ')}` : '',
      ];
      lines.push(
        [branch, kindOf(child), short(child.name), ...marks].filter((part) => part !== '').join(' '),
      );
    }
  }
  return lines.join('\n');
}

/** Components that a component's resources wait for. */
function waitsOf(
  component: Recorded,
  byUrn: Map<string, Recorded>,
  resources: readonly Recorded[],
): string[] {
  const parents = resources
    .filter(({ parent }) => parent === component.urn)
    .flatMap(({ dependencies }) => dependencies)
    .map((urn) => byUrn.get(byUrn.get(urn)?.parent ?? ''))
    .filter(
      (each): each is Recorded =>
        each !== undefined && !each.custom && each !== component && each.type !== 'tintype:index:Stack',
    );
  return [...new Set(parents.map(({ name }) => name))];
}
