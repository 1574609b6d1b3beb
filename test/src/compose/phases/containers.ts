// How the containers are confined: as Docker says, and as it looks from inside.
import { expectSame, type Proof } from '../proof.ts';
import type { Inspected, Stack } from '../stack.ts';
import { SERVICES } from './start.ts';

export async function playContainers({ check, stack }: Proof): Promise<void> {
  const all: { service: string; container: Inspected }[] = [];
  for (const service of SERVICES)
    for (const id of await stack.containers(service))
      all.push({ service, container: await stack.inspect(id) });

  await check('Docker: not root, read-only, no capabilities, no new privileges', () => {
    for (const { service, container } of all) {
      const { Config, HostConfig } = container;
      if (/^(?:0|root)?(?::|$)/.test(Config.User)) throw new Error(`${service} runs as "${Config.User}"`);
      const { ReadonlyRootfs, Privileged, CapDrop, CapAdd, SecurityOpt } = HostConfig;
      const found = { ReadonlyRootfs, Privileged, CapDrop, CapAdd: CapAdd ?? [] };
      expectSame(found, { ReadonlyRootfs: true, Privileged: false, CapDrop: ['ALL'], CapAdd: [] }, service);
      if (!SecurityOpt?.some((option) => option.startsWith('no-new-privileges')))
        throw new Error(`${service} may gain privileges`);
    }
    return `${all.length} containers`;
  });
  await check('from inside: the first process has a user of its own and no capability', async () => {
    for (const { service, container } of all) await lookAtStatus(stack, service, container.Id);
    return undefined;
  });
  await check('from inside: nothing can be written to /, by root neither', async () => {
    for (const { service, container } of all) await expectReadOnly(stack, service, container.Id);
    return undefined;
  });
  await check('only nginx publishes ports', () => {
    const open = all.filter(
      ({ container }) => Object.keys(container.HostConfig.PortBindings ?? {}).length > 0,
    );
    expectSame(
      open.map(({ service }) => service),
      ['nginx'],
      'who publishes',
    );
    return undefined;
  });
}

async function lookAtStatus(stack: Stack, service: string, id: string): Promise<void> {
  const status = await stack.docker('exec', id, 'cat', '/proc/1/status');
  const line = (name: string) => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1];
  if (line('Uid') === '0') throw new Error(`${service} runs as root`);
  for (const set of ['CapEff', 'CapPrm', 'CapBnd'])
    expectSame(line(set), '0000000000000000', `${set} of ${service}`);
  expectSame(line('NoNewPrivs'), '1', `NoNewPrivs of ${service}`);
}

async function expectReadOnly(stack: Stack, service: string, id: string): Promise<void> {
  const said = await stack.docker('exec', '--user', '0', id, 'sh', '-c', 'echo x >/proof').then(
    () => 'it could be written',
    (error: Error) => error.message,
  );
  if (!/read-only file system/i.test(said)) throw new Error(`${service}: ${said}`);
}
