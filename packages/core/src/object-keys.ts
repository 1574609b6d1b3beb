// Where each object lives. A key begins with its tenant, so that one prefix is one owner.

export function originalKey(tenantId: string, imageId: string): string {
  return `${tenantId}/original/${imageId}`;
}
