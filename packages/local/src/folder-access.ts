// Knows how a server reaches its folder when the folders above are closed to its user.
// Refuses to open those folders, or to give the server more rights than its own folder.
import { closeSync, constants, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Account, canEnter } from './account.ts';

export interface FolderAccess {
  /** The path to give to the server. */
  path: string;
  /** To be passed to the server as file descriptor 3, if any. */
  descriptor: number | undefined;
  /** Gives our own descriptor back once the server has its copy. */
  close(): void;
}

/**
 * A path under which `account` reaches `folder`. Below a closed folder (say /root) that is a descriptor of the folder,
 * opened by us and inherited: a capability to pass every lock would work too, and make the server as mighty as root.
 *
 * @throws Error when the folder is out of reach and the system has no /proc/self/fd
 */
export function openFolder(folder: string, account: Account | undefined): FolderAccess {
  if (canEnter(dirname(folder), account)) {
    return { path: folder, descriptor: undefined, close: () => undefined };
  }
  if (process.platform !== 'linux') {
    throw new Error(
      `${folder} is out of reach for uid ${account?.uid}, which runs the server; use another folder.`,
    );
  }
  const descriptor = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  return { path: '/proc/self/fd/3', descriptor, close: () => closeSync(descriptor) };
}
