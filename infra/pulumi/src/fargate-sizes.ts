// The sizes that Fargate rents tasks in, by AWS's documentation of task definitions. Knows no setting.

/** Units of CPU (1024 are one core) → memory in MiB: from, to, in steps of. */
const SIZES = new Map<number, [fromMib: number, toMib: number, stepMib: number]>([
  [256, [512, 2048, 512]],
  [512, [1024, 4096, 1024]],
  [1024, [2048, 8192, 1024]],
  [2048, [4096, 16_384, 1024]],
  [4096, [8192, 30_720, 1024]],
  [8192, [16_384, 61_440, 4096]],
  [16_384, [32_768, 122_880, 8192]],
]);

export function isFargateSize(cpu: number, memoryMib: number): boolean {
  const size = SIZES.get(cpu);
  if (size === undefined) return false;
  const [fromMib, toMib, stepMib] = size;
  // The smallest size has no 1.5 GiB.
  if (cpu === 256 && memoryMib === 1536) return false;
  return memoryMib >= fromMib && memoryMib <= toMib && memoryMib % stepMib === 0;
}
