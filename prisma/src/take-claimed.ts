// One claim, one owner: what a batch of claims got is handed out once.

/** What was claimed under this id. A second nudge for the same id in the same batch gets nothing. */
export function takeClaimed<Row>(claimed: Map<string, Row>, id: string): Row | undefined {
  const row = claimed.get(id);
  claimed.delete(id);
  return row;
}
