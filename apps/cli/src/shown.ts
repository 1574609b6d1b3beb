// Text of somebody else's on a terminal.

/** What a terminal would obey instead of show: a file may bring it along in a tag, a person in a name. */
const NOT_FOR_TERMINALS = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

export function shown(text: string): string {
  return text.replace(NOT_FOR_TERMINALS, '\ufffd');
}
