// Names of the stand-ins. Never those of the real images: nobody shall take one for the other.

export type StandIn = 'bookworm' | 'trixie' | 'forky' | 'node' | 'postgres' | 'valkey' | 'nginx';

export const tagOf = (name: StandIn) => `tintype-stand-in/${name}:1`;
