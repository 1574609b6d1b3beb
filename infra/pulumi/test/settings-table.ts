// What is refused as a configuration, and what is taken: the table of it. Knows no resource.
import * as pulumi from '@pulumi/pulumi';
import { OPTIONS } from '../src/options.ts';
import { readSettings } from '../src/read-settings.ts';
import type { Configuration } from './run-program.ts';

/** Configuration → every complaint, by what it begins with. None: it is taken. */
const REFUSED: readonly (readonly [what: string, configuration: Configuration, complaints: string[]])[] = [
  ['nothing is said', {}, []],
  ['an unknown profile', { profile: 'medium' }, ['profile: small or prod']],
  ['a network that is too small', { cidr: '10.0.0.0/24' }, ['cidr: must match', 'cidr: has bits']],
  ['a network that is none', { cidr: 'all of it' }, ['cidr: must match', 'cidr: has bits']],
  ['one zone', { zones: '1' }, ['zones: a whole number from 2 to 3.']],
  ['four zones', { zones: '4' }, ['zones: a whole number from 2 to 3.']],
  ['an unknown way out', { egress: 'proxy' }, ['egress: one of public, nat, nat-per-zone, endpoints.']],
  ['one task and a half', { apiMinTasks: '1.5' }, ['apiMinTasks: a whole number from 1 to 1000.']],
  ['neither true nor false', { flowLogs: 'yes' }, ['flowLogs: true or false.']],
  ['a domain without its zone', { domain: 'images.example.org' }, ['domain: needs zoneId']],
  ['a zone without a domain', { zoneId: 'Z1' }, ['zoneId: says nothing without domain.']],
  [
    'a domain that is none',
    { domain: 'https://example.org', zoneId: 'Z1' },
    ['domain: must match', 'zoneId: says nothing'],
  ],
  ['processors that AWS has not', { architecture: 'RISCV' }, ['architecture: one of X86_64, ARM64.']],
  [
    'more tasks at least than at most',
    { apiMinTasks: '5', apiMaxTasks: '2' },
    ['apiMinTasks: more than apiMaxTasks.'],
  ],
  [
    'the same for workers',
    { workerMinTasks: '9', workerMaxTasks: '2' },
    ['workerMinTasks: more than workerMaxTasks.'],
  ],
  ['no number', { apiCpu: 'many' }, ['apiCpu: a whole number from', 'apiCpu, apiMemoryMib: not']],
  ['an empty number', { apiCpu: ' ' }, ['apiCpu: a whole number from', 'apiCpu, apiMemoryMib: not']],
  [
    'a strategy that ECS has not',
    { deployment: 'BIG_BANG' },
    ['deployment: one of ROLLING, BLUE_GREEN, LINEAR, CANARY.'],
  ],
  ['a storage that can not grow', { databaseStorageGib: '200' }, ['databaseMaxStorageGib: a tenth more']],
  ['an instance class that is none', { databaseClass: 'm7g.large' }, ['databaseClass: must match']],
  ['bits beyond the network', { cidr: '10.42.4.0/16' }, ['cidr: has bits beyond its prefix']],
  [
    'a size that Fargate has not',
    { apiCpu: '256', apiMemoryMib: '4096' },
    ['apiCpu, apiMemoryMib: not a size'],
  ],
  [
    'the smallest size with 1.5 GiB',
    { apiCpu: '256', apiMemoryMib: '1536' },
    ['apiCpu, apiMemoryMib: not a size'],
  ],
  ['the same for workers', { workerCpu: '3000' }, ['workerCpu, workerMemoryMib: not a size']],
  [
    'people who log in where nothing is reached',
    { egress: 'endpoints', signIn: 'true' },
    ['signIn: the api must reach Cognito'],
  ],
  ['a node type that is none', { cacheNodeType: 't4g' }, ['cacheNodeType: must match']],
  [
    'a key of CloudFront without its half',
    { cdn: 'true', cdnPrivateKey: 'x' },
    ['cdnPublicKey, cdnPrivateKey: both or none.'],
  ],
  [
    'a key that is none',
    { cdn: 'true', cdnPublicKey: 'x', cdnPrivateKey: 'x' },
    ['cdnPublicKey: must match', 'cdnPublicKey, cdnPrivateKey: both'],
  ],
  ['days that CloudWatch does not know', { logRetentionDays: '10' }, ['logRetentionDays: one of 1, 3, 5']],
  ['one image of three', { apiImage: 'tintype/api:1' }, ['apiImage, workerImage, migrateImage: all three']],
  [
    'an image without a version',
    { apiImage: 'a', workerImage: 'b', migrateImage: 'c' },
    ['apiImage: must', 'workerImage: must', 'migrateImage: must'],
  ],
  ['an address that is none', { alarmEmail: 'operators' }, ['alarmEmail: must match']],
  ['several mistakes are told at once', { zones: '9', egress: 'x', waf: '1' }, ['zones:', 'egress:', 'waf:']],
];

/** What is wrong with the table, a sentence each. */
export function checkSettings(): { cases: number; complaints: string[] } {
  const complaints = REFUSED.flatMap(([what, configuration, wanted]) => {
    const told = complaintsAbout(configuration);
    const missing = wanted.filter((start) => !told.some((complaint) => complaint.startsWith(start)));
    const tooMany = told.length - wanted.length;
    return [
      ...missing.map((start) => `${what}: "${start}" is not said, but ${JSON.stringify(told)}`),
      ...(tooMany > 0 && missing.length === 0 ? [`${what}: more is said: ${JSON.stringify(told)}`] : []),
    ];
  });
  for (const [name, option] of Object.entries(OPTIONS))
    if (option.help.length < 10) complaints.push(`${name}: says nothing of itself`);
  return { cases: REFUSED.length, complaints };
}

function complaintsAbout(configuration: Configuration): string[] {
  pulumi.runtime.setAllConfig(
    Object.fromEntries(Object.entries(configuration).map(([name, value]) => [`tintype:${name}`, value])),
  );
  try {
    readSettings(new pulumi.Config('tintype'), 'test');
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
}
