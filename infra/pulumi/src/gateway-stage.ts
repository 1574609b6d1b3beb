// The name of API Gateway's only stage: the first part of every path there. No path of the API begins with it.
export const GATEWAY_STAGE = 'gateway';
