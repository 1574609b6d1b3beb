// What an instance class of PostgreSQL can take, told by its name. Knows no instance.

/** Of the families t and m. */
const GIB: Record<string, number> = { micro: 1, small: 2, medium: 4, large: 8, xlarge: 16 };
const XLARGE_GIB = 16;

/** By the first letter of a family: how many times as much memory as m it has. */
const TIMES: Record<string, number> = { c: 0.5, r: 2, x: 4, z: 2 };

/** Amazon RDS gives one connection for each so many bytes of memory. */
const BYTES_PER_CONNECTION = 9_531_392;
const MOST_CONNECTIONS = 5000;

/** @param instanceClass e.g. db.m7g.large, whose answer is 8 GiB in bytes */
export function memoryBytes(instanceClass: string): number {
  const [, family = '', size = ''] = instanceClass.split('.');
  const times = Number(/^(\d+)xlarge$/.exec(size)?.[1] ?? Number.NaN);
  const gib = Number.isNaN(times) ? (GIB[size] ?? XLARGE_GIB) : times * XLARGE_GIB;
  return gib * (TIMES[family.charAt(0)] ?? 1) * 2 ** 30;
}

/** By RDS' own rule; some of the memory is not PostgreSQL's, so that it is a little less in truth. */
export function maxConnections(instanceClass: string): number {
  return Math.min(Math.floor(memoryBytes(instanceClass) / BYTES_PER_CONNECTION), MOST_CONNECTIONS);
}
