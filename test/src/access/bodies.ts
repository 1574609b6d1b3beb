// Bodies that an example of the document can't be: new every time, or somebody's own. All others come from the document.
import { NO_LIMITS } from '@tintype/prisma';
import { newEmail, PASSWORD } from './accounts.ts';
import { json } from './http.ts';
import type { Person } from './people.ts';

export interface Body {
  headers: Record<string, string>;
  body?: string | Uint8Array | undefined;
}

interface About {
  caller: Person;
  /** Somebody who may log in. */
  visitor: Person;
  upload(): Body;
  /** Where nothing listens that matters. */
  hookUrl: string;
}

const NEW_PASSWORD = `${PASSWORD}, and another`;
/** An upload that goes past the API. */
export const PAST_THE_API = { bytes: 4, contentType: 'image/png' };

const OWNED: Record<string, (about: About) => Body> = {
  createJob: ({ upload }) => upload(),
  createUpload: () => json(PAST_THE_API),
  putUploadContent: () => ({
    headers: { 'content-type': PAST_THE_API.contentType },
    body: new Uint8Array(PAST_THE_API.bytes),
  }),
  register: () => json({ email: newEmail(), password: PASSWORD }),
  logIn: ({ visitor }) => json({ email: visitor.email, password: PASSWORD }),
  changePassword: () => json({ currentPassword: PASSWORD, newPassword: NEW_PASSWORD }),
  deleteMe: ({ caller }) =>
    json(caller.subject === undefined ? { password: PASSWORD } : { confirm: 'delete' }),
  // Nobody's: what is not the caller's is named in the answer, and refused to nobody.
  tagImages: () => json({ ids: [crypto.randomUUID()], add: ['access'] }),
  deleteImages: () => json({ ids: [crypto.randomUUID()] }),
  createWebhookEndpoint: ({ hookUrl }) => json({ url: hookUrl }),
  updateWebhookEndpoint: () => json({ description: 'as it is now' }),
  rotateWebhookEndpointSecret: () => json({ overlapHours: 1 }),
  createSignedFileUrl: () => json({ path: 'nothing/lies/here.png', expiresInSeconds: 60 }),
  rotateDeliveryKey: () => json({ overlapSeconds: 60 }),
  rotateWebhookSecret: () => json({ overlapHours: 1 }),
  reprocessImages: () => json({ olderThan: '0.0.1' }),
  updateMe: () => json({ name: 'as it is now' }),
  createApiKey: () => json({ name: 'access' }),
  rotateApiKey: () => json({ overlapSeconds: 60 }),
  administerUser: () => json({ suspended: true }),
  putPlan: () => json({ description: '', ...NO_LIMITS }),
};

/** Of Bull Board, which documents nothing here: right ones, so that nothing but its being read only refuses them. */
const QUEUE = '/admin/queues/api/queues/:queueName';
const BOARD: Record<string, object> = {
  [`POST ${QUEUE}/add`]: { name: 'x', data: {}, options: {} },
  [`PUT ${QUEUE}/concurrency`]: { concurrency: 3 },
  [`PUT ${QUEUE}/rate-limit`]: { max: 1, duration: 1000 },
  [`PATCH ${QUEUE}/job-schedulers/:schedulerId`]: { every: 60_000 },
  [`PATCH ${QUEUE}/:jobId/update-data`]: { jobData: {} },
  [`PATCH ${QUEUE}/:jobId/delay`]: { runAt: 4e12 },
  [`PATCH ${QUEUE}/:jobId/priority`]: { priority: 1 },
};

export function ownBody(name: string, about: About): Body | undefined {
  const board = BOARD[name];
  return board === undefined ? OWNED[name]?.(about) : json(board);
}
