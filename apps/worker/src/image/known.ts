// Absent means not known: a fact that is undefined does not stand in the document.

type Known<Facts> = { [Key in keyof Facts]: Exclude<Facts[Key], undefined> };

export function known<Facts extends object>(facts: Facts): Known<Facts> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as Known<Facts>;
}
