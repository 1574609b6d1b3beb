// The complaint about a data source that the made-up cloud does not know.

/** The program asked the cloud something new: decide what the cloud answers, in cloud.ts. */
export class UnknownQuestion extends Error {
  constructor(token: string) {
    super(`the program asks the cloud for ${token}, and cloud.ts does not say what it answers`);
  }
}
