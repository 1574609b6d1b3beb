// What the systems before this one promised, line by line, and what was wrong with them: the list that a run is held against.

export interface Source {
  /** As it is named on the command line. */
  id: 'metadata' | 'async' | 'library' | 'server';
  title: string;
  promises: readonly string[];
  /** Of the house as it is deployed, not of its HTTP interface: shown where it is deployed. */
  elsewhere: readonly string[];
}

export const SOURCES: readonly Source[] = [
  {
    id: 'metadata',
    title: 'A Flask API that reads what images say',
    promises: [
      'accepts an image',
      'returns its dimensions, encoding and compression as JSON',
      'logs every POST to the database with its time and IP address',
    ],
    elsewhere: [
      'runs in containers behind a load balancer: npm run test:compose',
      'brings its network along, into any AWS account, fully automated: infra/pulumi/up, as far as npm run test:infra can show it',
    ],
  },
  {
    id: 'async',
    title: 'A Django + Celery API that works on images in the background',
    promises: [
      'answers an upload at once',
      'resizes and optimises in the background',
      'removes temporary files',
      'lists images',
      'shows one in detail',
      'filters by title',
      'updates the title',
      'deletes',
      'keeps its files in S3',
      'runs what is periodic by a scheduler',
      'tries again what failed',
      'is described by OpenAPI',
      'has a Postman collection',
    ],
    elsewhere: [],
  },
  {
    id: 'library',
    title: 'A Falcon image library',
    promises: [
      'registers people',
      'logs them in by a cookie',
      'tags: an image has them',
      'tags: adds some',
      'tags: adds one',
      'tags: replaces all',
      'tags: removes one',
      'tags: removes all',
      'tags: tells which there are',
      'filters by tag',
      'filters by date',
      'shows everybody his own images only',
      'is set up by a configuration file',
      'has a Swagger page that knows multipart and binary',
      'has its version in the path',
      'tracks usage',
    ],
    elsewhere: [],
  },
  {
    id: 'server',
    title: 'A Lambda that serves images from S3',
    promises: [
      'delivers by path, with an API key',
      'delivers what was in the bucket before it came',
      'answers 400 to nonsense',
      'answers 404 to what is not there',
      'resizes in the URL',
      'rotates in the URL',
      'stores the result beside the originals',
      'has a quota',
      'has several keys, each with its usage plan',
    ],
    elsewhere: ['runs in any AWS account: the same'],
  },
];

/** Of one or the other of them. Each is shown absent at least once. */
export const FAULTS = [
  'a list that shows other people’s images',
  'a tag filter that matches everything',
  'a time that stood still at start-up',
  '“delete all tags” leaves half of them',
  'an error with status 200',
  'a POST that gives no id',
  'a DELETE that leaves the object behind',
  'transparency and animation lost in a resize',
  'a 500 for a file that is no image',
] as const;
export type Fault = (typeof FAULTS)[number];
