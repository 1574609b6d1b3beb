// Who may send now. All places together are bounded, and so are those of one endpoint: receivers that are slow keep each other waiting,
// not the others. Some deliveries may wait here for a place; the rest is told when to come back. Where places and seats are short, the
// tenant that has the fewest comes first: however many receivers one may have that hang, the others' go on.

export interface TurnstileLimits {
  /** Sent at once. */
  places: number;
  placesPerEndpoint: number;
  /** Waiting for a place. */
  seats: number;
  seatsPerEndpoint: number;
}

export interface Place {
  /**
   * @param answered false: the endpoint gets one place at a time until it answers again. Undefined: it was not asked.
   */
  leave(answered?: boolean): void;
}

/** `later`: come back in so many milliseconds; `closed`: nothing more is sent here. */
export type Admission = { place: Place } | { laterMs: number } | 'closed';

export interface Turnstile {
  /**
   * @param endpoint whatever tells one receiver from another
   * @param tenant whose it is
   */
  enter(endpoint: string, tenant: string): Promise<Admission>;
  taken(): number;
  /** Sends everybody away who waits. */
  close(): void;
}

interface Tally {
  sending: number;
  waiting: number;
}

interface Receiver extends Tally {
  tenant: string;
  answers: boolean;
  /** Mean time of a try. */
  meanMs: number;
  /** When the next that is sent away may come back: as if they queued outside. */
  nextAt: number;
}

interface Waiting {
  receiver: Receiver;
  admit: (admission: Admission) => void;
}

const MIN_LATER_MS = 500;
const MAX_LATER_MS = 30_000;
/** A receiver is remembered between deliveries; so many, the rest is forgotten oldest first. */
const MAX_KNOWN = 1000;
/** Weight of the latest try in the mean. */
const LATEST = 0.2;
const NONE: Readonly<Tally> = { sending: 0, waiting: 0 };

export function createTurnstile({
  places,
  placesPerEndpoint,
  seats,
  seatsPerEndpoint,
}: TurnstileLimits): Turnstile {
  const receivers = new Map<string, Receiver>();
  const waiting = new Set<Waiting>();
  const tenants = new Map<string, Tally>();
  const silentPlaces = Math.ceil(places / 2);
  let taken = 0;
  /** Of these, by receivers that do not answer. */
  let silent = 0;
  let closed = false;

  function knownAs(endpoint: string, tenant: string): Receiver {
    const receiver = receivers.get(endpoint) ?? {
      ...NONE,
      tenant,
      answers: true,
      meanMs: 100,
      nextAt: 0,
    };
    receivers.delete(endpoint);
    receivers.set(endpoint, receiver);
    if (receivers.size > MAX_KNOWN) forgetOne();
    return receiver;
  }

  function forgetOne(): void {
    for (const [endpoint, { sending, waiting }] of receivers) {
      if (sending + waiting > 0) continue;
      receivers.delete(endpoint);
      return;
    }
  }

  const mostOf = ({ answers }: Receiver) => (answers ? placesPerEndpoint : 1);
  const hasPlace = (receiver: Receiver) =>
    taken < places && receiver.sending < mostOf(receiver) && (receiver.answers || silent < silentPlaces);
  const tallyOf = ({ tenant }: Receiver) => tenants.get(tenant) ?? NONE;

  function count(receiver: Receiver, state: keyof Tally, by: 1 | -1): void {
    const tally = { ...tallyOf(receiver) };
    tally[state] += by;
    receiver[state] += by;
    if (tally.sending + tally.waiting === 0) tenants.delete(receiver.tenant);
    else tenants.set(receiver.tenant, tally);
  }

  function take(receiver: Receiver): Admission {
    const isSilent = !receiver.answers;
    taken += 1;
    silent += Number(isSilent);
    count(receiver, 'sending', 1);
    const begunAt = performance.now();
    const leave = (answered?: boolean) => {
      taken -= 1;
      silent -= Number(isSilent);
      count(receiver, 'sending', -1);
      if (answered !== undefined) learn(receiver, answered, performance.now() - begunAt);
      admitNext();
    };
    return { place: { leave } };
  }

  function learn(receiver: Receiver, answered: boolean, durationMs: number): void {
    receiver.meanMs += LATEST * (durationMs - receiver.meanMs);
    if (answered && !receiver.answers) receiver.nextAt = 0;
    receiver.answers = answered;
  }

  function next(): Waiting | undefined {
    let first: Waiting | undefined;
    for (const one of waiting) {
      if (!hasPlace(one.receiver)) continue;
      if (first === undefined || tallyOf(one.receiver).sending < tallyOf(first.receiver).sending) first = one;
    }
    return first;
  }

  function admitNext(): void {
    for (let one = next(); one !== undefined; one = next()) {
      stand(one);
      one.admit(take(one.receiver));
    }
  }

  function stand(one: Waiting): void {
    waiting.delete(one);
    count(one.receiver, 'waiting', -1);
  }

  /** Sends away who came last of the tenant that has the most seats, where that is fairer. */
  function makeRoom(receiver: Receiver): void {
    const last = [...waiting].reduceRight((most, one) =>
      tallyOf(one.receiver).waiting > tallyOf(most.receiver).waiting ? one : most,
    );
    if (tallyOf(last.receiver).waiting <= tallyOf(receiver).waiting + 1) return;
    stand(last);
    last.admit(later(last.receiver));
  }

  function later(receiver: Receiver): Admission {
    const now = performance.now();
    const eachMs = receiver.meanMs / mostOf(receiver);
    receiver.nextAt = Math.max(receiver.nextAt, now + receiver.waiting * eachMs) + eachMs;
    return { laterMs: Math.min(Math.max(receiver.nextAt - now, MIN_LATER_MS), MAX_LATER_MS) };
  }

  return {
    enter: async (endpoint, tenant) => {
      if (closed) return 'closed';
      const receiver = knownAs(endpoint, tenant);
      if (hasPlace(receiver)) return take(receiver);
      if (receiver.waiting >= (receiver.answers ? seatsPerEndpoint : 1)) return later(receiver);
      if (waiting.size >= seats) makeRoom(receiver);
      if (waiting.size >= seats) return later(receiver);
      count(receiver, 'waiting', 1);
      return new Promise((admit) => waiting.add({ receiver, admit }));
    },
    taken: () => taken,
    close: () => {
      closed = true;
      for (const { admit } of waiting) admit('closed');
      waiting.clear();
    },
  };
}
