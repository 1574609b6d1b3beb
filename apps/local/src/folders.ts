// Where things lie on this machine.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

/** All that the service keeps, TINTYPE_DATA or `.tintype`. Ignored by git; `--fresh` removes it. */
export const DATA_FOLDER = path.resolve(ROOT, process.env.TINTYPE_DATA ?? '.tintype');

/** As a person in the root of the repository would type it. */
export const EXAMPLE_IMAGE = 'examples/lighthouse.jpg';

/** What each process has to say. */
export const LOGS_FOLDER = path.join(DATA_FOLDER, 'logs');
