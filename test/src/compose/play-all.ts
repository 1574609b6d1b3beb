// The order of things: images, stack, key, then every phase that is asked for.
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { Agent } from 'undici';
import type { Closing } from '../service/closing.ts';
import type { Checks } from './checks.ts';
import type { Engine } from './engine.ts';
import type { Options, Phase } from './options.ts';
import { playBackup } from './phases/backup.ts';
import { playContainers } from './phases/containers.ts';
import { playFaults } from './phases/faults.ts';
import { playRequests } from './phases/requests.ts';
import { bringUp, buildImages, makeKey } from './phases/start.ts';
import { eventually, type Proof } from './proof.ts';
import { prepareSettings } from './settings.ts';
import { describeStack, type Stack } from './stack.ts';
import { makeStandIns } from './stand-ins/make-stand-ins.ts';
import { openWorkshop } from './stand-ins/workshop.ts';

export interface Ground {
  engine: Engine;
  folder: string;
  checks: Checks;
  closing: Closing;
  say: (text: string) => void;
  signal: AbortSignal;
}

const PLAYS: Record<Phase, { says: string; play: (proof: Proof) => Promise<void> }> = {
  requests: { says: 'requests through nginx', play: playRequests },
  containers: { says: 'how the containers are confined', play: playContainers },
  faults: { says: 'faults under load', play: playFaults },
  backup: { says: 'backup and restore', play: playBackup },
};

export async function playAll(options: Options, ground: Ground): Promise<void> {
  const { engine, folder, checks, closing, say, signal } = ground;
  if (options.standIns) {
    const begunAt = performance.now();
    await makeStandIns(openWorkshop({ engine, folder: options.cache ?? folder, say, signal }));
    checks.figure('base images', `${((performance.now() - begunAt) / 1000).toFixed(1)} s, stand-ins`);
  }
  const project = `tintype-proof-${randomBytes(3).toString('hex')}`;
  const { variables, files, port } = await prepareSettings(engine, {
    folder,
    standIns: options.standIns,
    version: project,
  });
  const log = createWriteStream(path.join(folder, 'compose.log'));
  const onLine = (line: string) => void log.write(`${line}\n`);
  const stack = describeStack({ engine, project, files, variables, signal, onLine });
  if (!options.keep) closing.first(() => removeAll(stack, say));

  say('\nimages and stack');
  await buildImages(stack, checks);
  await bringUp(stack, checks, signal);
  await engine.open(port);
  // The command waits for PostgreSQL for seconds only, which a machine that has just started all this may take longer.
  const apiKey = await eventually(() => makeKey(stack, '--name', 'proof'), { atMostMs: 30_000, signal });
  const dispatcher = new Agent({ connections: 64 });
  closing.first(() => dispatcher.close());
  const door = { address: `http://${engine.host}:${port}`, apiKey, dispatcher };
  const proof: Proof = {
    ...checks,
    ...{ stack, door, folder, say, signal },
    clients: options.clients,
    promised: [],
  };
  for (const phase of options.phases) {
    say(`\n${PLAYS[phase].says}`);
    await PLAYS[phase].play(proof);
  }
  if (options.keep)
    say(
      `\nkept: ${door.address} with the key ${apiKey}; docker-compose --project-name ${project} down --volumes removes it`,
    );
}

/** Whatever becomes of it, what is closed behind it is closed. */
async function removeAll(stack: Stack, say: (text: string) => void): Promise<void> {
  say('\nremoving the stack');
  for (const remove of [stack.remove, stack.removeImages])
    await remove().catch((error: Error) => say(`not all of it could be removed: ${error.message}`));
}
