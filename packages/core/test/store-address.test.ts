import t from 'tap';
import { openObjectStore } from '../src/index.ts';

/** Each is refused before anything is connected to, by a sentence that names the variable and never repeats the value. */
const WRONG: [string, RegExp][] = [
  ['s3://', /names no bucket/],
  ['s3://secret-bucket?regoin=eu-west-1', /not known here: regoin/],
  ['s3://secret-bucket?pathStyle=maybe', /pathStyle=true or pathStyle=false/],
  ['s3://secret-bucket?largeUploads=0', /whole number from 1 to 1000/],
  ['s3://secret-bucket?largeUploads=abc', /whole number from 1 to 1000/],
  ['s3://secret-bucket?endpoint=secret', /http:\/\/ or https:\/\//],
  ['s3://secret-bucket?publicEndpoint=ftp://secret', /publicEndpoint=.*http:\/\/ or https:\/\//],
  ['file://secret/folder', /three slashes/],
  ['file:///secret?fsync=yes', /fsync=true or fsync=false/],
  ['file:///secret?sync=true', /not known here: sync/],
];

for (const [url, expected] of WRONG) {
  t.test(url, async (t) => {
    const error = await openObjectStore(url).then(
      () => undefined,
      (refusal: Error) => refusal,
    );
    t.equal(error?.name, 'ConfigError');
    t.match(error?.message, /^OBJECT_STORE_URL .*\.$/);
    t.match(error?.message, expected);
    t.notMatch(error?.message, /secret/);
  });
}

for (const url of [
  'file:///folder',
  'file:///folder?fsync=true',
  's3://bucket/prefix?region=eu-west-1&largeUploads=2',
  's3://bucket/prefix?endpoint=http://store:9000&publicEndpoint=https://images.example.com',
]) {
  t.test(`${url} is right`, async (t) => {
    await (await openObjectStore(url)).close();
    t.pass();
  });
}
