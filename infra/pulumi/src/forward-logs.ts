// Runs on AWS Lambda: unpacks what CloudWatch sends of a group of logs, and puts each line into the stream as a document of its own.
// Knows the shape of both, and nothing of OpenSearch.
import { gunzipSync } from 'node:zlib';
import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';

/** What CloudWatch sends: base64 of gzip of JSON. */
interface Packed {
  awslogs: { data: string };
}

interface Unpacked {
  /** Else CONTROL_MESSAGE, which tries whether somebody is there. */
  messageType: string;
  logGroup: string;
  logStream: string;
  logEvents: { timestamp: number; message: string }[];
}

/** The stream takes so many records at once, and so many bytes. */
const MOST_RECORDS = 500;
const MOST_BYTES = 3_500_000;
const ATTEMPTS = 5;
const PAUSE_MS = 200;

/** @returns JSON documents, one a line of the log; none for lines that are measures alone */
export function documentsOf({ awslogs }: Packed): string[] {
  const { messageType, logGroup, logStream, logEvents } = JSON.parse(
    gunzipSync(Buffer.from(awslogs.data, 'base64')).toString(),
  ) as Unpacked;
  if (messageType !== 'DATA_MESSAGE') return [];
  return logEvents
    .map(({ timestamp, message }) => ({ timestamp, line: parse(message) }))
    .filter(({ line }) => !('_aws' in line))
    .map(({ timestamp, line }) =>
      JSON.stringify({ '@timestamp': new Date(timestamp).toISOString(), logGroup, logStream, line }),
    );
}

/** Tintype's own lines are JSON; what a crash says is not. */
function parse(message: string): object {
  try {
    const value: unknown = JSON.parse(message);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Text, then.
  }
  return { msg: message };
}

/** As many at once as the stream takes. */
export function batchesOf(documents: string[]): Buffer[][] {
  const batches: Buffer[][] = [];
  let bytes = 0;
  for (const document of documents.map((text) => Buffer.from(text))) {
    const last = batches.at(-1);
    if (last === undefined || last.length === MOST_RECORDS || bytes + document.length > MOST_BYTES) {
      batches.push([document]);
      bytes = document.length;
    } else {
      last.push(document);
      bytes += document.length;
    }
  }
  return batches;
}

export async function handler(packed: Packed): Promise<void> {
  const firehose = new FirehoseClient();
  for (const batch of batchesOf(documentsOf(packed))) await put(firehose, batch);
}

/** What the stream refuses, as it has too much to do, is tried again; should that not help, CloudWatch sends all of it again. */
async function put(firehose: FirehoseClient, batch: Buffer[]): Promise<void> {
  let left = batch;
  for (let attempt = 1; left.length > 0; attempt++) {
    const { RequestResponses = [] } = await firehose.send(
      new PutRecordBatchCommand({
        DeliveryStreamName: process.env.STREAM,
        Records: left.map((Data) => ({ Data })),
      }),
    );
    left = left.filter((_, nth) => RequestResponses[nth]?.ErrorCode !== undefined);
    if (left.length > 0 && attempt === ATTEMPTS) throw new Error(`The stream refused ${left.length} lines.`);
    if (left.length > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * 2 ** attempt));
  }
}
