// Every rule that a stack must keep.
import type { Rule } from './rule.ts';
import { ALARMS } from './rules/alarms.ts';
import { BUCKETS } from './rules/buckets.ts';
import { CDN } from './rules/cdn.ts';
import { CHOICES } from './rules/choices.ts';
import { EDGE } from './rules/edge.ts';
import { NETWORK } from './rules/network.ts';
import { ROLES } from './rules/roles.ts';
import { SECURITY } from './rules/security.ts';
import { SERVICES } from './rules/services.ts';
import { STORES } from './rules/stores.ts';
import { TASKS } from './rules/tasks.ts';
import { WHOLE } from './rules/whole.ts';

export const RULES: readonly Rule[] = [
  ...[...NETWORK, ...SECURITY, ...EDGE, ...CDN, ...CHOICES, ...STORES, ...BUCKETS],
  ...[...TASKS, ...SERVICES, ...ROLES, ...ALARMS, ...WHOLE],
];
