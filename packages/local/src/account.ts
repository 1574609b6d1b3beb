// Knows under which user a server runs when root starts it, and whether that user can enter a folder.
// Refuses to create users.
import { chownSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A user and a group, by number. */
export interface Account {
  uid: number;
  gid: number;
}

/** "nobody": PostgreSQL refuses root, and no server needs more rights than its own folder gives. */
const nobody: Account = { uid: 65534, gid: 65534 };

/**
 * Who runs the server that owns `folder`: undefined (ourselves) unless we are root; as root the folder's owner,
 * so that a data folder made by a normal user stays that user's, else uid 65534.
 */
export function accountFor(folder: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(folder, { throwIfNoEntry: false });
  return owner === undefined || owner.uid === 0 ? nobody : { uid: owner.uid, gid: owner.gid };
}

/** Hands `path` and all below it to `account`; does nothing without an account. */
export function handOver(path: string, account: Account | undefined): void {
  if (account === undefined) return;
  chownSync(path, account.uid, account.gid);
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
    if (!entry.isSymbolicLink()) chownSync(join(entry.parentPath, entry.name), account.uid, account.gid);
  }
}

function mayEnter(folder: string, account: Account): boolean {
  const { uid, gid, mode } = statSync(folder);
  if (uid === account.uid) return (mode & 0o100) !== 0;
  if (gid === account.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

/** Whether `account` may walk into `folder` from the root. Without an account: yes. */
export function canEnter(folder: string, account: Account | undefined): boolean {
  if (account === undefined) return true;
  for (let step = realpathSync(folder); ; step = dirname(step)) {
    if (!mayEnter(step, account)) return false;
    if (step === dirname(step)) return true;
  }
}
