// What a document can't say of its operations: in which order they make sense, what they work on, and what is kept of their answers.
// An operation that is not here gets the values of its examples, and the ids that came up before.

export interface Recipe {
  /** Where it stands in its folder; see RANKS. */
  rank?: number;
  /** In the last folder: what it takes away, others need. */
  isLast?: boolean;
  /** Of path parameters, for those that are no ids of what was made before. */
  path?: Record<string, string>;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  /** Fields of a JSON body, on top of the example; or all of another one. */
  json?: Record<string, unknown>;
  /** Fields of a form. */
  form?: Record<string, string>;
  /** By variable: a path into the JSON of the answer, or `header NAME`. */
  keep?: Record<string, string>;
  /** Without a key: the address is enough. */
  isKeyless?: boolean;
  /** What comes before it. */
  before?: string[];
  /** The same operation with another request, next to it. */
  also?: (Recipe & { title: string })[];
}

/** By method, unless a recipe says otherwise. */
export const RANKS: Record<string, number> = { POST: 10, GET: 20, HEAD: 25, PUT: 30, PATCH: 30, DELETE: 90 };

/** The ones that it opens with. */
export const VARIABLES: Record<string, string> = {
  baseUrl: 'http://localhost:3000',
  apiKey: '',
  /** An image that a worker may fetch. */
  sourceUrl: 'https://example.com/photo.jpg',
  /** Where nobody minds a webhook. */
  hookUrl: 'https://example.com/hook',
  password: 'a long sentence is a good password',
  newPassword: 'another sentence is as good a password',
  planName: 'postman',
};

/** The file that is sent, from the folder that newman runs in: the root of the repository. */
export const PICTURE = {
  path: 'examples/lighthouse.jpg',
  name: 'lighthouse.jpg',
  mimeType: 'image/jpeg',
  bytes: 152_580,
};

const SIGNED_BY = ['expires', 'key', 'signature'];

/** Keeps what an address is signed by, of an answer in whose field it stands. */
function signatureFrom(field: string, prefix: string): Record<string, string> {
  return Object.fromEntries(
    SIGNED_BY.map((name) => [`${prefix}_${name}`, `${field}.match(/[?&]${name}=([^&]*)/)?.[1]`]),
  );
}

/** What was kept, as it is asked with. */
function signatureIn(prefix: string): Record<string, string> {
  return Object.fromEntries(SIGNED_BY.map((name) => [name, `{{${prefix}_${name}}}`]));
}

export const RECIPES: Record<string, Recipe> = {
  // jobs
  createJob: {
    rank: 1,
    headers: { prefer: 'wait=20' },
    form: {
      ...{ title: 'Lighthouse at dusk', tags: '["sea", "evening"]', path: 'lighthouses/longships.jpg' },
      ...{ public: 'true', derivatives: 'thumb,web' },
    },
    keep: { jobId: 'id', imageId: 'imageId' },
  },
  'createJob application/json': {
    rank: 2,
    json: { url: '{{sourceUrl}}', title: 'From elsewhere' },
    keep: { fetchJobId: 'id', fetchImageId: 'imageId' },
    also: [
      {
        title: 'Take in what was sent past the API',
        rank: 5,
        headers: { prefer: 'wait=20' },
        json: { url: undefined, uploadId: '{{uploadId}}', title: 'Sent directly', duplicate: undefined },
        keep: {},
      },
    ],
  },
  createUpload: {
    rank: 3,
    json: { bytes: PICTURE.bytes, contentType: PICTURE.mimeType, fileName: PICTURE.name },
    keep: { uploadId: 'id', ...signatureFrom('url', 'upload') },
  },
  putUploadContent: {
    rank: 4,
    isKeyless: true,
    query: { bytes: String(PICTURE.bytes), type: PICTURE.mimeType, ...signatureIn('upload') },
    headers: { 'content-type': PICTURE.mimeType },
  },
  cancelJob: { rank: 30, path: { id: '{{fetchJobId}}' } },
  retryJob: { rank: 31, path: { id: '{{fetchJobId}}' } },
  retryJobs: { rank: 32, json: { status: 'failed', limit: 10 } },
  reprocessImages: { rank: 40, json: { olderThan: '0.0.1' } },
  getReprocessRun: { rank: 41 },
  stopReprocessRun: { rank: 42 },
  // images
  listImages: { query: { title: 'light' } },
  tagImages: { rank: 11, json: { ids: ['{{imageId}}'], add: ['coast'], remove: ['evening'] } },
  addImageTag: { path: { tag: 'evening' } },
  removeImageTag: { rank: 80, path: { tag: 'evening' } },
  clearImageTags: { rank: 81 },
  deleteImage: { isLast: true },
  deleteImages: { isLast: true, json: { ids: ['{{fetchImageId}}'] } },
  // delivery
  createSignedUrl: {
    json: { expiresInSeconds: 600, transform: { width: 200 } },
    keep: signatureFrom('url', 'render'),
  },
  createSignedFileUrl: {
    json: { path: 'lighthouses/longships.jpg', expiresInSeconds: 600, transform: { width: 150 } },
    keep: signatureFrom('url', 'file'),
  },
  renderImage: {
    query: { width: '400', format: 'webp' },
    also: [
      {
        title: 'A picture, as a browser asks that has a signed address',
        isKeyless: true,
        query: { width: '200', ...signatureIn('render') },
      },
    ],
  },
  getDerivative: {
    path: { name: 'thumb' },
    also: [{ title: 'A derivative of an image that is public', isKeyless: true, path: { name: 'web' } }],
  },
  getFile: {
    path: { path: 'lighthouses/longships.jpg' },
    query: { width: '300', rotate: '90' },
    also: [
      {
        title: 'A picture by its path, as a browser asks that has a signed address',
        isKeyless: true,
        path: { path: 'lighthouses/longships.jpg' },
        query: { width: '150', ...signatureIn('file') },
      },
    ],
  },
  rotateDeliveryKey: { rank: 95, json: { overlapSeconds: 60 } },
  // accounts
  register: {
    rank: 1,
    before: ["pm.collectionVariables.set('email', pm.variables.replaceIn('{{$randomUUID}}@example.com'));"],
    json: { email: '{{email}}', password: '{{password}}', name: 'Ada' },
    keep: { userId: 'id', session: 'header set-cookie' },
  },
  createApiKey: { json: { name: 'phone', scopes: ['jobs:write', 'images:read'] } },
  rotateApiKey: { rank: 35, json: { overlapSeconds: 60 } },
  revokeApiKey: { rank: 36 },
  updateMe: { json: { name: 'Ada Lovelace' } },
  putPlan: {
    rank: 40,
    path: { name: '{{planName}}' },
    json: {
      ...{ description: 'To try things out', requestsPerSecond: 50, requestsPerDay: 10_000 },
      ...{ storedBytes: 1_000_000_000, uploadBytes: 50_000_000, concurrentJobs: 100 },
    },
  },
  administerUser: { rank: 41, path: { id: '{{userId}}' }, json: { plan: 'free' } },
  deletePlan: { rank: 42, path: { name: '{{planName}}' } },
  changePassword: {
    rank: 50,
    json: { currentPassword: '{{password}}', newPassword: '{{newPassword}}' },
  },
  logOut: { rank: 51 },
  logIn: {
    rank: 52,
    json: { email: '{{email}}', password: '{{newPassword}}' },
    keep: { session: 'header set-cookie' },
  },
  deleteMe: { isLast: true, json: { password: '{{newPassword}}' } },
  // webhooks
  createWebhookEndpoint: { rank: 1, json: { url: '{{hookUrl}}' } },
  updateWebhookEndpoint: { json: { description: 'for the till' } },
  rotateWebhookEndpointSecret: { rank: 32, json: { overlapHours: 1 } },
  rotateWebhookSecret: { rank: 33, json: { overlapHours: 1 } },
  pingWebhookEndpoint: { rank: 2, keep: { webhookDeliveryId: 'id' } },
  redeliverWebhook: { rank: 34 },
  // events
  listEvents: { query: { limit: '10' } },
};
