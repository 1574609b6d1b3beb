// The request log as a file: page after page as the client reads, none held longer than it takes to write it down.
import { AppError } from '@tintype/core';
import type { RequestLogQuery } from '@tintype/prisma';
import { csvLine } from './csv.ts';
import type { ApiDatabase } from './guard-database.ts';
import {
  COLUMNS,
  type ExportFormat,
  presentRequestLog,
  type RequestLogEntry,
} from './schemas/request-log.ts';

/** Rows of one statement. */
const PAGE = 1000;

interface Format {
  contentType: string;
  head: string;
  line: (entry: RequestLogEntry) => string;
}

export const FORMATS: Record<ExportFormat, Format> = {
  jsonl: {
    contentType: 'application/x-ndjson; charset=utf-8',
    head: '',
    line: (entry) => `${JSON.stringify(entry)}\n`,
  },
  csv: {
    contentType: 'text/csv; charset=utf-8; header=present',
    head: csvLine(COLUMNS),
    line: (entry) => csvLine(COLUMNS.map((column) => entry[column])),
  },
};

export interface ExportOptions {
  query: Omit<RequestLogQuery, 'limit'>;
  format: Format;
  /** Nobody reads any more. */
  gone: AbortSignal;
  /** The process stops: an export can take longer than it has. */
  isStopping: () => boolean;
  /** Asked before each further page. Rejects when whoever asked may do so no longer. */
  stillAllowed: () => Promise<void>;
}

/** Answers as soon as the first page is there; what goes wrong later breaks the text off. @throws AppError DATABASE_UNAVAILABLE */
export async function exportRequestLogs(
  { query, format, gone, isStopping, stillAllowed }: ExportOptions,
  { db }: { db: Pick<ApiDatabase, 'requestLogs'> },
): Promise<AsyncIterable<string>> {
  const first = await db.requestLogs.list({ ...query, limit: PAGE });
  async function* write(): AsyncGenerator<string> {
    yield format.head;
    for (let page = first; ; ) {
      const text = page.rows.map((row) => format.line(presentRequestLog(row))).join('');
      if (text !== '') yield text;
      if (page.next === undefined || gone.aborted) return;
      if (isStopping()) throw new AppError('SHUTTING_DOWN');
      await stillAllowed();
      page = await db.requestLogs.list({ ...query, limit: PAGE, cursor: page.next });
    }
  }
  return write();
}
