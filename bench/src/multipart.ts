// One image as a multipart/form-data body (RFC 7578), encoded once before anything is timed.

const boundary = 'tintype-bench-7d1f0c52a9b84e36';

/** A comment inside the image that is overwritten for each upload, so that no two uploads have the same bytes. */
export const stampText = 'TINTYPE-BENCH-000000000000';
const stampDigits = 12;

export const multipartType = `multipart/form-data; boundary=${boundary}`;

export interface UploadBody {
  readonly bytes: Buffer;
  /** Where the digits of the stamp begin; -1 when the image has none. */
  readonly stampAt: number;
}

export function encodeUpload(image: Buffer, part: string, filename: string): UploadBody {
  const head =
    `--${boundary}\r\nContent-Disposition: form-data; name="${part}"; filename="${filename}"\r\n` +
    'Content-Type: image/jpeg\r\n\r\n';
  const bytes = Buffer.concat([Buffer.from(head), image, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  const found = bytes.indexOf(stampText);
  return { bytes, stampAt: found < 0 ? -1 : found + stampText.length - stampDigits };
}

let stamped = 0;

/** The body with a number in its stamp that no other body of this process has; as it is when the image has no stamp. */
export function stampUpload(body: UploadBody): Buffer {
  if (body.stampAt < 0) return body.bytes;
  stamped += 1;
  const copy = Buffer.from(body.bytes);
  copy.write(String(stamped).padStart(stampDigits, '0'), body.stampAt, 'latin1');
  return copy;
}
