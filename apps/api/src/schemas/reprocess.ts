// A run over images that exist, as an administrator sees it.
import { FORMATS, JobOptions } from '@tintype/core';
import type { ReprocessProgress } from '@tintype/prisma';
import { type Static, Type } from 'typebox';
import { Id, Nullable, Time } from './types.ts';

// What is there already is described anew, and neither rejected nor delivered in other shapes.
const ReprocessOptions = Type.Omit(JobOptions, ['onDuplicate', 'derivatives'], {
  additionalProperties: false,
});

export const ReprocessRequest = Type.Object(
  {
    olderThan: Type.String({
      pattern: '^\\d{1,6}(\\.\\d{1,6}){0,3}$',
      description:
        'Images described by an older extractor than this version, and those never described: 0.2.0',
    }),
    format: Type.Optional(Type.Enum(Object.keys(FORMATS), { description: 'Only images of this format.' })),
    tenantId: Type.Optional(Id('Only images of this tenant.')),
    uploadedAfter: Type.Optional(Time('Only images uploaded at or after this time.')),
    uploadedBefore: Type.Optional(Time('Only images uploaded before this time.')),
    options: Type.Optional(ReprocessOptions),
  },
  { additionalProperties: false },
);

const count = (description: string) => Type.Integer({ minimum: 0, description });

export const ReprocessRun = Type.Object(
  {
    id: Id('Names the run.'),
    status: Type.Enum(['running', 'completed'], {
      description: 'completed: every job has been made and has ended.',
    }),
    filter: Type.Record(Type.String(), Type.Unknown()),
    options: Type.Record(Type.String(), Type.Unknown()),
    createdAt: Time('When it began.'),
    finishedAt: Nullable(Time('When its last job was made.')),
    jobs: Type.Object(
      {
        queued: count('Wait behind new work.'),
        processing: count('Under way.'),
        completed: count('Described anew.'),
        failed: count('Could not be read; what was known of them stays.'),
        canceled: count('Called off.'),
      },
      { description: 'Jobs made so far, by status.' },
    ),
    links: Type.Object({ self: Type.String() }),
  },
  { $id: 'ReprocessRun' },
);

export type ReprocessRun = Static<typeof ReprocessRun>;

export function presentReprocessRun({
  id,
  filter,
  options,
  createdAt,
  finishedAt,
  jobs,
}: ReprocessProgress): ReprocessRun {
  const { queued = 0, processing = 0, completed = 0, failed = 0, canceled = 0 } = jobs;
  return {
    id,
    status: finishedAt !== null && queued + processing === 0 ? 'completed' : 'running',
    filter: filter as Record<string, unknown>,
    options: options as Record<string, unknown>,
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
    jobs: { queued, processing, completed, failed, canceled },
    links: { self: `/v1/jobs/reprocess/${id}` },
  };
}
