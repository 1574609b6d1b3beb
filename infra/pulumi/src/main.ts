// What `pulumi up` runs: configuration in, outputs of the stack out.
import * as pulumi from '@pulumi/pulumi';
import { defineStack } from './program.ts';
import { readSettings } from './read-settings.ts';

const outputs = Object.entries(defineStack(readSettings(new pulumi.Config('tintype'), pulumi.getStack())));

/** Pulumi takes the exports of the program as the stack's outputs; of an ES module, the default one. It warns of each that is undefined. */
export default Object.fromEntries(outputs.filter(([, value]) => value !== undefined));
