// npm run test:infra: install, also what infra/pulumi has of its own, compile it, then show what can be shown of it without a cloud.
import path from 'node:path';
import { prepare } from '../infra/pulumi/scripts/toolbox.mjs';
import { main, ROOT, run } from './toolchain.mjs';

main(async () => {
  await prepare();
  await run(process.execPath, [path.join(ROOT, 'infra/pulumi/dist/test/main.js'), ...process.argv.slice(2)]);
});
