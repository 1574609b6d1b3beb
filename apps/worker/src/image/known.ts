// Absent means not known: a fact that is undefined does not stand in the document.

type Known<Facts> = { [Key in keyof Facts]: Exclude<Facts[Key], undefined> };

export function known<Facts extends object>(facts: Facts): Known<Facts> {
  const found: Partial<Facts> = {};
  // The names are written in our code, never read from a file.
  for (const name in facts) if (facts[name] !== undefined) found[name] = facts[name];
  return found as Known<Facts>;
}
