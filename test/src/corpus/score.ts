// Scores answers by the collection's own program.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { Metadata } from '@tintype/core';
import { Compile } from 'typebox/compile';
import type { Collection } from './collection.ts';

interface Agreement {
  n: number;
  agree: number;
}

export interface Score {
  answered: number;
  failed: number;
  absent: number;
  robust: { n: number; answered: number; error: number; absent: number };
  total: Agreement;
  fields: Record<string, Agreement & { missing: number; differ: number }>;
  formats: Record<string, Record<string, Agreement>>;
}

export interface Scored {
  score: Score;
  /** The program's own report, for people. */
  report: string;
  /** Of the extractor's answers, milliseconds; undefined where it tells none. */
  p95Ms: number | undefined;
}

export interface Measured {
  all: Scored;
  /** Only values that a tool other than ExifTool confirmed. */
  confirmed: Scored;
  seconds: number;
  /** Of the documents, by the published schema; undefined for extractors that make none. */
  schema: { valid: number; invalid: string[] } | undefined;
}

/** @param confirmed only values that a tool other than ExifTool confirmed */
export async function scoreAnswers(
  answers: string,
  { manifest, compare }: Collection,
  { confirmed, list }: { confirmed: boolean; list?: string | undefined },
): Promise<Scored> {
  const json = `${answers}.${confirmed ? 'confirmed' : 'all'}.json`;
  const options = [
    '--all',
    '--json',
    json,
    ...(confirmed ? ['--confirmed'] : []),
    ...(list ? ['--list', list] : []),
  ];
  const { stdout } = await promisify(execFile)(process.execPath, [compare, manifest, answers, ...options], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const p95 = /^ms .*p95 ([\d.]+)/m.exec(stdout)?.[1];
  return {
    score: JSON.parse(await readFile(json, 'utf8')) as Score,
    report: stdout,
    p95Ms: p95 === undefined ? undefined : Number(p95),
  };
}

/** 0 to 100. */
export function percent({ agree, n }: Agreement): number {
  return n === 0 ? 100 : (100 * agree) / n;
}

export function percentOfFormat(score: Score, format: string): number {
  const fields = Object.values(score.formats[format] ?? {});
  return percent({
    agree: fields.reduce((sum, field) => sum + field.agree, 0),
    n: fields.reduce((sum, field) => sum + field.n, 0),
  });
}

/** How many documents are what the published schema says, and the first that is not. */
export async function validateAnswers(answers: string): Promise<{ valid: number; invalid: string[] }> {
  const lines = (await readFile(answers, 'utf8')).split('\n').filter((line) => line !== '');
  const documents = lines.map((line) => JSON.parse(line) as { file: string; metadata?: unknown });
  const check = Compile(Metadata);
  const described = documents.filter(({ metadata }) => metadata !== undefined);
  const invalid = described.filter(({ metadata }) => !check.Check(metadata));
  return {
    valid: described.length - invalid.length,
    invalid: invalid.map(({ file, metadata }) => `${file}: ${JSON.stringify(check.Errors(metadata)[0])}`),
  };
}
