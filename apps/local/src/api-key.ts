// The development key: made at the first start, kept beside the data, so that a pasted curl works tomorrow too.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeApiKey, openDatabase, parseApiKey } from '@tintype/prisma';
import { DATA_FOLDER } from './folders.ts';

const KEY_FILE = path.join(DATA_FOLDER, 'api-key');

export async function apiKeyFor(databaseUrl: string): Promise<string> {
  const db = openDatabase({ url: databaseUrl, poolSize: 1 });
  try {
    const kept = readKey();
    const row = await db.apiKeys.find(parseApiKey(kept ?? '')?.id ?? '');
    if (kept !== undefined && row !== undefined && row.revokedAt === null) return kept;
    const { id, key, secretSha256 } = makeApiKey();
    const tenantId = await db.apiKeys.ensureTenant('default');
    await db.apiKeys.create({ id, tenantId, name: 'development', secretSha256, scopes: ['admin'] });
    writeFileSync(KEY_FILE, key, { mode: 0o600 });
    return key;
  } finally {
    await db.close();
  }
}

function readKey(): string | undefined {
  try {
    return readFileSync(KEY_FILE, 'utf8').trim();
  } catch {
    return undefined;
  }
}
