// Everybody who asks, with what they show. Who is gone, because a request deleted, suspended or limited him, is replaced by somebody new.
import { type Account, type Accounts, PASSWORD } from '../access/accounts.ts';
import type { Who } from './attempt.ts';

export interface Principal {
  /** Names whose things are meant, as {@link Resources} does. */
  tenant: string;
  key: string;
  /** A whole Cookie header. */
  cookie: string;
  email: string;
  password: string;
}

export interface Principals {
  of(who: Who): Promise<Principal>;
  /** Whoever asks next in this name is somebody new. */
  replace(who: Who): void;
}

/** Of whoever is limited: low enough to be met all the time. */
export const LIMITED_PLAN = 'fuzz-limited';
/** Of all others. */
export const UNLIMITED_PLAN = 'unlimited';

interface Ground {
  accounts: Accounts;
  adminKey: string;
  ownerKey: string;
}

type Maker = (accounts: Accounts) => Promise<Principal>;

const person =
  (about: { planName?: string } = {}): Maker =>
  async (accounts) => {
    const account = await accounts.person(about);
    return show(account, accounts);
  };

const MAKERS: Partial<Record<Who, Maker>> = {
  other: person(),
  person: person(),
  limited: person({ planName: LIMITED_PLAN }),
  throwaway: person(),
  keyholder: person(),
  narrow: async (accounts) => {
    const account = await accounts.person();
    const { text: key } = await accounts.key(account, { scopes: ['webhooks'] });
    return { ...(await show(account, accounts)), key };
  },
};

/** A person and his key are gone together. */
const SAME: Partial<Record<Who, Who>> = { personkey: 'person', unclear: 'owner', nobody: 'owner' };

export async function openPrincipals({ accounts, adminKey, ownerKey }: Ground): Promise<Principals> {
  await accounts.db.plans.put({
    name: LIMITED_PLAN,
    description: '',
    requestsPerSecond: 8,
    requestsPerDay: null,
    storedBytes: 20_000,
    uploadBytes: 5000,
    concurrentJobs: 5,
  });
  // These two have no account that a request could take away.
  const people = new Map<Who, Promise<Principal>>([
    ['owner', Promise.resolve(keyAlone('owner', ownerKey))],
    ['admin', Promise.resolve(keyAlone('admin', adminKey))],
  ]);

  return {
    of: (who) => {
      const name = SAME[who] ?? who;
      const make = MAKERS[name];
      const known = people.get(name) ?? make?.(accounts);
      if (known === undefined) throw new Error(`Nobody is called ${name}.`);
      people.set(name, known);
      return known;
    },
    replace: (who) => {
      const name = SAME[who] ?? who;
      if (MAKERS[name] !== undefined) people.delete(name);
    },
  };
}

async function show(account: Account, accounts: Accounts): Promise<Principal> {
  const [key, session] = await Promise.all([accounts.key(account), accounts.session(account)]);
  const { tenantId: tenant, email } = account;
  return { tenant, email, password: PASSWORD, key: key.text, cookie: session.cookie ?? '' };
}

function keyAlone(tenant: string, key: string): Principal {
  return { tenant, key, cookie: 'a=b', email: 'nobody@fuzz.example', password: PASSWORD };
}
