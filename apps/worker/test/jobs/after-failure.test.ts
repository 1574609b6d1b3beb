import { AppError } from '@tintype/core';
import t from 'tap';
import { afterFailure } from '../../src/jobs/after-failure.ts';

const CONFIG = { maxAttempts: 5, retryDelayMs: 1000, pixelsWanted: true };
const crash = new AppError('DECODER_CRASHED');

interface Case {
  name: string;
  cause: unknown;
  failures?: number;
  attempt?: number;
  pixelsWanted?: boolean;
  expect: { again: boolean; counts: boolean; errorCode: string; options?: object };
}

const CASES: Case[] = [
  {
    name: 'a permanent error ends the job',
    cause: new AppError('IMAGE_UNREADABLE'),
    expect: { again: false, counts: true, errorCode: 'IMAGE_UNREADABLE' },
  },
  {
    name: 'an unknown error is tried again',
    cause: new Error('odd'),
    expect: { again: true, counts: true, errorCode: 'INTERNAL' },
  },
  {
    name: '… until it has had its attempts',
    cause: new Error('odd'),
    failures: 4,
    expect: { again: false, counts: true, errorCode: 'INTERNAL' },
  },
  {
    name: 'an outage ends no job, however long',
    cause: new AppError('OBJECT_STORE_UNAVAILABLE'),
    failures: 50,
    attempt: 99,
    expect: { again: true, counts: false, errorCode: 'OBJECT_STORE_UNAVAILABLE' },
  },
  {
    name: 'neither does a queue for ExifTool',
    cause: new AppError('OVERLOADED'),
    failures: 50,
    expect: { again: true, counts: false, errorCode: 'OVERLOADED' },
  },
  {
    name: 'a crash gives the pixels up',
    cause: crash,
    expect: { again: true, counts: true, errorCode: 'DECODER_CRASHED', options: { pixelsGivenUp: true } },
  },
  {
    name: '… whatever failed before',
    cause: crash,
    failures: 3,
    expect: { again: true, counts: true, errorCode: 'DECODER_CRASHED', options: { pixelsGivenUp: true } },
  },
  {
    name: 'a crash without pixels is tried once more',
    cause: crash,
    pixelsWanted: false,
    expect: { again: true, counts: true, errorCode: 'DECODER_CRASHED' },
  },
  {
    name: '… and no more',
    cause: crash,
    failures: 1,
    pixelsWanted: false,
    expect: { again: false, counts: true, errorCode: 'DECODER_CRASHED' },
  },
];

for (const { name, cause, failures = 0, attempt = 1, pixelsWanted = true, expect } of CASES) {
  t.test(name, async (t) => {
    const { retryAfterMs, counts, errorCode, options } = afterFailure({ failures, attempt }, cause, {
      ...CONFIG,
      pixelsWanted,
    });
    t.same({ again: retryAfterMs !== null, counts, errorCode, options }, { options: undefined, ...expect });
  });
}

t.test(
  'pauses grow with the attempts, up to a minute and a half with jitter; outages are asked about soon',
  async (t) => {
    const pause = (cause: unknown, attempt: number) =>
      afterFailure({ failures: 0, attempt }, cause, CONFIG).retryAfterMs ?? Number.NaN;
    const odd = new Error('odd');
    for (const [attempt, least, most] of [
      [1, 500, 1500],
      [2, 2000, 6000],
      [9, 30_000, 90_000],
    ] as const) {
      const ms = pause(odd, attempt);
      t.ok(ms >= least && ms <= most, `${attempt}: ${ms}`);
    }
    t.ok(pause(new AppError('OBJECT_STORE_UNAVAILABLE'), 9) <= 1500);
  },
);
