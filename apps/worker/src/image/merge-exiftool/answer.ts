// What ExifTool answers about one file, and how its facts are looked up in it.

/** Why there is no answer to this file. */
export type ExifToolFailure =
  /** It took longer than one file may. */
  | 'timeout'
  /** It needed more memory than one process may have. */
  | 'memory'
  /** Its process ended. */
  | 'crashed'
  /** It knows more about the file than anybody wants to read. */
  | 'too-long'
  /** It said nothing that can be understood. */
  | 'unintelligible'
  /** There was no room for the file that it should read. */
  | 'disk';

export type ExifToolAnswer =
  | {
      /** By 'Family:Group:Tag', or 'Group:Tag' where both are the same (ExifTool's -G0:1). Every scalar is a text. */
      tags: Readonly<Record<string, unknown>>;
      version: string;
    }
  | { failed: ExifToolFailure }
  /** ExifTool or Perl is not installed here. */
  | { unavailable: true };
