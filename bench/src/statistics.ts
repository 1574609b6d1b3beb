// Medians and percentiles of small lists. It knows no units.

/** The value below which `share` (0..1) of the values lie, nearest rank. NaN for an empty list. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.ceil(share * sorted.length) - 1;
  return sorted[Math.max(0, rank)] ?? Number.NaN;
}

/** The middle value, or the mean of the two in the middle. NaN for an empty list. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const high = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const low = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (low + high) / 2;
}

/** For every name in any of the records, `combine` over the values it has. */
export function combineByName(
  records: readonly Readonly<Record<string, number>>[],
  combine: (values: readonly number[]) => number,
): Record<string, number> {
  const lists = new Map<string, number[]>();
  for (const [name, value] of records.flatMap((record) => Object.entries(record))) {
    const list = lists.get(name);
    if (list) list.push(value);
    else lists.set(name, [value]);
  }
  return Object.fromEntries([...lists].map(([name, list]) => [name, combine(list)]));
}
