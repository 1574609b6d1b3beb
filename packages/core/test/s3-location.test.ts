import t from 'tap';
import { locateS3 } from '../src/s3-location.ts';

delete process.env.AWS_REGION;

const MINIO = 's3://plates/?endpoint=http://minio:9000';

/** Store, key, and where its requests go. */
const ADDRESSES: [string, string, string][] = [
  ['s3://plates', 'a/b', 'https://plates.s3.us-east-1.amazonaws.com/a/b'],
  ['s3://plates?region=eu-west-1', 'a/b', 'https://plates.s3.eu-west-1.amazonaws.com/a/b'],
  ['s3://plates/?region=eu-west-1', 'a/b', 'https://plates.s3.eu-west-1.amazonaws.com/a/b'],
  ['s3://plates/in/here/?region=eu-west-1', 'a', 'https://plates.s3.eu-west-1.amazonaws.com/in/here/a'],
  ['s3://plates?region=x-1&pathStyle=true', 'a', 'https://s3.x-1.amazonaws.com/plates/a'],
  ['s3://my.plates?region=eu-west-1', 'a', 'https://s3.eu-west-1.amazonaws.com/my.plates/a'],
  [MINIO, 'a', 'http://minio:9000/plates/a'],
  [`${MINIO}&pathStyle=false`, 'a', 'http://plates.minio:9000/a'],
  [`${MINIO}/below`, 'a', 'http://minio:9000/below/plates/a'],
  [MINIO, "é/a b+(1)!*'.jpg", 'http://minio:9000/plates/%C3%A9/a%20b%2B%281%29%21%2A%27.jpg'],
  [MINIO, 'a?b#c&d=%2F', 'http://minio:9000/plates/a%3Fb%23c%26d%3D%252F'],
];

for (const [url, key, expected] of ADDRESSES) {
  t.test(`${url} and ${key}`, async (t) => {
    const { client, urlOf } = locateS3(url);
    t.equal(urlOf(key).href, expected);
    client.destroy();
  });
}

t.test('the region of the process counts where the address names none', async (t) => {
  process.env.AWS_REGION = 'eu-north-1';
  t.teardown(() => delete process.env.AWS_REGION);
  t.equal(locateS3('s3://plates').urlOf('a').hostname, 'plates.s3.eu-north-1.amazonaws.com');
  t.equal(locateS3('s3://plates?region=eu-west-1').urlOf('a').hostname, 'plates.s3.eu-west-1.amazonaws.com');
});

t.test('large uploads are bounded', async (t) => {
  t.equal(locateS3('s3://plates').largeUploads, 32);
  t.equal(locateS3('s3://plates?largeUploads=3').largeUploads, 3);
});
