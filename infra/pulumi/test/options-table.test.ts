// The guide tells every option as the code has it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { GUIDE, withTable } from '../src/options-table.ts';

test('the options in docs/deploy-aws.md are those of the code: node infra/pulumi/dist/src/options-table.js', () => {
  const guide = readFileSync(GUIDE, 'utf8');
  assert.equal(guide, withTable(guide));
});

test('a guide without the marks is refused', () => {
  assert.throws(() => withTable('nothing'), /lacks/);
});
