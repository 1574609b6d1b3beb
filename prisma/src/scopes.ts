// What a caller may do. A key has some of these; a person has all of them, and `admin` when he operates the service.

/** With what is the caller's own. */
export const USER_SCOPES = ['jobs:write', 'images:read', 'images:write', 'webhooks'] as const;
/** `admin` operates the service, and may do everything else besides. */
export const SCOPES = [...USER_SCOPES, 'admin'] as const;
export type Scope = (typeof SCOPES)[number];
